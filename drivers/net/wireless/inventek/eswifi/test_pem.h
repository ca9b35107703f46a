/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PEM files for tests. They were made for this file and guard nothing: never use
 * one of these keys for anything else.
 */
#ifndef ESWIFI_TEST_PEM_H
#define ESWIFI_TEST_PEM_H

/* A CA, self-signed, P-256 */
#define TEST_PEM_CA \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIBiTCCAS+gAwIBAgIUITWBcYepyweMPhcKKUValPRhhNIwCgYIKoZIzj0EAwIw\n" \
	"GTEXMBUGA1UEAwwOZXN3aWZpIHRlc3QgQ0EwIBcNMjYxMTIzMTIzMjU0WhgPMjEy\n" \
	"NjEwMzAxMjMyNTRaMBkxFzAVBgNVBAMMDmVzd2lmaSB0ZXN0IENBMFkwEwYHKoZI\n" \
	"zj0CAQYIKoZIzj0DAQcDQgAEsU3wmKh86s+Pc/IcwS+Ie1gtMk8znv6QtkFVw1Oh\n" \
	"zYGAwtjj1UdMqXtR7m9eNzRReked1vto3VQvPJbXkzz/Z6NTMFEwHQYDVR0OBBYE\n" \
	"FApRb/IV/j7+z1CS7jhMW3tN9h1sMB8GA1UdIwQYMBaAFApRb/IV/j7+z1CS7jhM\n" \
	"W3tN9h1sMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMk6aOLS\n" \
	"sYxQc3pNPcfhPcNTvWkqcqfYb788CyiH7e+ZAiBrRgLC9zbF5uIU3vkevOCFg5Wc\n" \
	"trtLwmB89Rok58iRUg==\n" \
	"-----END CERTIFICATE-----\n"

/* A client certificate of that CA */
#define TEST_PEM_CERT \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIBHzCBxgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5lc3dpZmkgdGVzdCBD\n" \
	"QTAgFw0yNjExMjMxMjMyNTRaGA8yMTI2MTAzMDEyMzI1NFowHTEbMBkGA1UEAwwS\n" \
	"ZXN3aWZpIHRlc3QgY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEanXf\n" \
	"PmAr311mW8tQ+2eXw0dnw8cOEVxCF2JORFW/A3a4DIH3co69e0KznQ5fgpznNVZV\n" \
	"jpZidza6Xg7W9nJoQDAKBggqhkjOPQQDAgNIADBFAiAG3ZdK3tvdkIh6lVs9WF1r\n" \
	"aXk/NRmELaMIEls4cHenhgIhANVxbJTUeTqiCDB8eKznHT3WAgEOioJC7JTsYOU8\n" \
	"d/bd\n" \
	"-----END CERTIFICATE-----\n"

/* Its key, PKCS#8 */
#define TEST_PEM_KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiYeHWctwLj6xi1+U\n" \
	"/yIORmiJsN9gQTeaBcFsg2H2AvChRANCAARqdd8+YCvfXWZby1D7Z5fDR2fDxw4R\n" \
	"XEIXYk5EVb8DdrgMgfdyjr17QrOdDl+CnOc1VlWOlmJ3NrpeDtb2cmhA\n" \
	"-----END PRIVATE KEY-----\n"

/* The same key, SEC1, with the parameters that openssl writes */
#define TEST_PEM_KEY_SEC1 \
	"-----BEGIN EC PARAMETERS-----\n" \
	"BggqhkjOPQMBBw==\n" \
	"-----END EC PARAMETERS-----\n" \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"MHcCAQEEIImHh1nLcC4+sYtflP8iDkZoibDfYEE3mgXBbINh9gLwoAoGCCqGSM49\n" \
	"AwEHoUQDQgAEanXfPmAr311mW8tQ+2eXw0dnw8cOEVxCF2JORFW/A3a4DIH3co69\n" \
	"e0KznQ5fgpznNVZVjpZidza6Xg7W9nJoQA==\n" \
	"-----END EC PRIVATE KEY-----\n"

/* Another CA */
#define TEST_PEM_OTHER_CA \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIBjDCCATGgAwIBAgIUAJ4dQhPPtIG5YD0iO3rdWsWkQ7owCgYIKoZIzj0EAwIw\n" \
	"GjEYMBYGA1UEAwwPZXN3aWZpIG90aGVyIENBMCAXDTI2MTEyMzEyMzI1NFoYDzIx\n" \
	"MjYxMDMwMTIzMjU0WjAaMRgwFgYDVQQDDA9lc3dpZmkgb3RoZXIgQ0EwWTATBgcq\n" \
	"hkjOPQIBBggqhkjOPQMBBwNCAAT+QmZhMzVE6VCG0R6GGuthYi6hDpnZvfxxp1DD\n" \
	"DWPRvzwQ6p4qVtYGF4KG4GPuav3O85pE7DukiYIZvvFhcwFco1MwUTAdBgNVHQ4E\n" \
	"FgQUZsXTbm1OkadyKppbV699Y68sO2QwHwYDVR0jBBgwFoAUZsXTbm1OkadyKppb\n" \
	"V699Y68sO2QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA/nSi\n" \
	"0Ly+z1eOWhOdEFM23AofMlypCy2fpKHsBGU5li0CIQCEI80mBKwJqtLv7D9ZvSJu\n" \
	"98qSWr2czzCtC5ekWWypGQ==\n" \
	"-----END CERTIFICATE-----\n"

/* An RSA key, PKCS#1 */
#define TEST_PEM_KEY_RSA \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIIEogIBAAKCAQEAwuv+yWYn+gazYs/RuSxAdqc0dzmXBjXMcvOY3HxXVC8e4T43\n" \
	"Bv4ZNlcYjSiMOaJK2A4c1XNOpbV6iZYDprnZFQnUEBDCDxefQn9n3h5sNNybdtoW\n" \
	"bRXa7aX1MSa7iOMZxhUrtG8Xikq284F8M3TXX2Mo6pjvtfFwboTDFk1rwSAn2198\n" \
	"oRuQNLmW0j6uTu+1gM0Wf9upiY/TTeFsiUsR9/X90PZ2E9Qv8l9ARZBfacggM+jI\n" \
	"Jluiw1rHeSC6YcqViarDfScvbMu/8J6ooZNFg5JHulKN+LDUIhVLHlGjEAHmLYU7\n" \
	"M1/UzBlEunC7Cnf05xb+JOXYdVU4WQaX/eAKIQIDAQABAoIBAEs9kGyKf9zt0DnQ\n" \
	"sYpScBG9Ci4Jb2gIxUIMENHvN0B6LefRPal31SCaLxJx9+rZYB2VGQE10MJ7UnEg\n" \
	"lIk7jPWnhRGsflQYELQ4/M2LHcar72DJ30U9XfRFDufppRM6Yn0JOAUeqs4JeCR3\n" \
	"s4sjS215F9aysTkgmP84RRvrR7BUfjhn8rdydwz4jAdpMW1wXe0sAnBMEPqTOub0\n" \
	"FRsvmjeDfSZjO1T16/pdKbH7yqST8gCXRAQ1fMIiPgVFDwC8ErX8yzef/vVCbH6d\n" \
	"lNDZ+5MUr9tNC7Ijg6Lq7Pe2y6Z1AB53Ae12Oejd6Se62BLeUKUE53vsy6HqJLvH\n" \
	"z6YvnacCgYEA5as6UrT/S+kxyfsgq644lKw8S3KZNFSmGivzOASJAseUEQr/zSpq\n" \
	"CQJRq3sgAMe9EkJ5N5xoOhy3UArbHQf34oIEWPoXmUzVmfruX7Cv5QlZgrNBJFsr\n" \
	"A1gtBv2hV/0+Mhp+PP1AxXYhPCaX7rwTSJPQC0f+VUQh91OHtn/fNd8CgYEA2UTx\n" \
	"utIORDB+ult5V1Ez7eXqkBT4fbX0qaSGFtr603otbY0c6Nr9340jSDRPYjTeAuwq\n" \
	"dPkwssaOQRvWSVM21UYfi5qSUgXHPxyNVSVXChDS3wZhgQUhP986hjZRC0rHpOut\n" \
	"ElBzbuTf0nteHD0VuFbDSbNizcLfsKlSLaWov/8CgYAKsD9UngvLkpy4k7FfjAoi\n" \
	"ESn1MO4kW1Qnn6gAEWX29SbU7DgfajvpE2yNmHtSzfjkoqdViTfojHGTjg3Iehh1\n" \
	"OCvPoEP85HCEbAMv/N8Sv66kwIbllECaNT5TNvaNS8HbPxRk7jxXdDnzvLARcjtL\n" \
	"g2WJQN57RWJ3SjHksmrG7QKBgBaXAoMoH++bEzIRHLalbL7Jbu/4HjYD2yJgRsjN\n" \
	"j9K5G0wOpfjX/BloNUjml3JgiMzI/UkYN6X+2v+OA2OwUT0vg0wikCATFbpMH63A\n" \
	"qiITybkCktS1UdWwQgd+UkLYTZWqI16KGtZm2Zaq2Qgamc2Gx9s72YQHRPa7RB4W\n" \
	"4UrFAoGANfiojeXTBoCwb+ZBrbN/5AUYFuLWQOywol1Aq2cddW//HtSIdq5rJ5Ve\n" \
	"MDmLn3TMaoC9DbWmauOBSpssXT4+eqlCeg0b2wy+WWI2prhOQhu557/0J0P41DtR\n" \
	"9F5ij8yzoyZV7E4BmO93b5KlqQnorY8DsGk76+oztd0qcSiKE3Q=\n" \
	"-----END RSA PRIVATE KEY-----\n"

/* The key of the client, encrypted, PKCS#8 */
#define TEST_PEM_KEY_ENCRYPTED \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiEZdvfrySN9gICCAAw\n" \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMhXqqs61U82U/lJqccg51YEgZBl\n" \
	"4vLbmQENDh+RT9QkRAarMLftDPSqHrrkLclmvyAL10msgo5UB9hUIBe4C1g+sKI1\n" \
	"9wQ5T8jahs+71EuNlfW3QhQDDbyzWUDJEfjIMe0y+pUICEJdAjgDaCi/+6/l7och\n" \
	"NJt0Gjz+Mtc4c7PfmVjMsC7yJecU63GzbMlhabfhozxgMVTEIoKfJw8Ehm2okSc=\n" \
	"-----END ENCRYPTED PRIVATE KEY-----\n"

/* The same in the older way */
#define TEST_PEM_KEY_PROC_TYPE \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"Proc-Type: 4,ENCRYPTED\n" \
	"DEK-Info: AES-128-CBC,63FDE577907B3EC69EE5B6DF5CD47D23\n" \
	"\n" \
	"ZYzF4rMLCH2SnWAL9swteecwLTKL7wPHugBQOzJrPiuBRLlNO36wBXEgvjECsWB1\n" \
	"wJbqr02hhnJkNb5qupbwsTPeEOV7SG5UcSTQNbjVRgheYVK4p+QRgc1h3u4GwNlT\n" \
	"HiptdfSDOzJnPwtMEbcnWEsFw6tHTXrhPABNuulr5FY=\n" \
	"-----END EC PRIVATE KEY-----\n"

/* An Ed25519 key, which the module cannot use */
#define TEST_PEM_KEY_ED25519 \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MC4CAQAwBQYDK2VwBCIEIFSZ1/trswWcJ5sJGdJK3aQkyZ7ayq7WhRpVDW2mpID4\n" \
	"-----END PRIVATE KEY-----\n"

/* The public key of the client */
#define TEST_PEM_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEanXfPmAr311mW8tQ+2eXw0dnw8cO\n" \
	"EVxCF2JORFW/A3a4DIH3co69e0KznQ5fgpznNVZVjpZidza6Xg7W9nJoQA==\n" \
	"-----END PUBLIC KEY-----\n"

/* A signing request */
#define TEST_PEM_REQUEST \
	"-----BEGIN CERTIFICATE REQUEST-----\n" \
	"MIHXMH8CAQAwHTEbMBkGA1UEAwwSZXN3aWZpIHRlc3QgY2xpZW50MFkwEwYHKoZI\n" \
	"zj0CAQYIKoZIzj0DAQcDQgAEanXfPmAr311mW8tQ+2eXw0dnw8cOEVxCF2JORFW/\n" \
	"A3a4DIH3co69e0KznQ5fgpznNVZVjpZidza6Xg7W9nJoQKAAMAoGCCqGSM49BAMC\n" \
	"A0gAMEUCIQCEegZoM5apCZYF3QgyD48hjEw5385IcpfEIu9BhlhGuAIgAPTTc2PQ\n" \
	"VIIxr2WH2s5vbeGUpHnX9ogH+LVYm1Lmk7s=\n" \
	"-----END CERTIFICATE REQUEST-----\n"

/* An RSA CA, self-signed */
#define TEST_RSA_CA \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIDHTCCAgWgAwIBAgIUBq8u0xU7d3G2bFLtH6Kp6tybGY0wDQYJKoZIhvcNAQEL\n" \
	"BQAwHTEbMBkGA1UEAwwSZXN3aWZpIHRlc3QgUlNBIENBMCAXDTI2MTEyNTE4MjUz\n" \
	"N1oYDzIxMjYxMTAxMTgyNTM3WjAdMRswGQYDVQQDDBJlc3dpZmkgdGVzdCBSU0Eg\n" \
	"Q0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDaaCSJhpuFw+e8evJi\n" \
	"CmwvTKQN1/IJ+/BEMA4giZJRCYtgkOg58TG3TdX2vItrZBRChfg0k56AVs+QVM1D\n" \
	"O54l4WG9qa9BSzdmq1A/kheFCNVvVmcnI/5BD3pigzUOhPDEAnycST54qa4k2gJ1\n" \
	"6dN2FLiDmDp1K4B4UxzOIE5jMjP1dfHp8qAkulu41lZIRKzTcwl/nrumH8MTWae4\n" \
	"VPUu1piBBpq7M+QJDovteddcWC+MG8Zrk2pAeT57G1nilAsrxaclBbVBSV02VZvS\n" \
	"raCBN4hcNmJQir7SZSQHjJLfgAA4Mypb7AcgZi6eCqI3HR1rE663mJIccoT5tqu8\n" \
	"qQ+RAgMBAAGjUzBRMB0GA1UdDgQWBBRoNaSAp6GSKy5JQsNZQyN4lKwz8TAfBgNV\n" \
	"HSMEGDAWgBRoNaSAp6GSKy5JQsNZQyN4lKwz8TAPBgNVHRMBAf8EBTADAQH/MA0G\n" \
	"CSqGSIb3DQEBCwUAA4IBAQAZnpOXMTSac+mOukeNiOpIbE7yb/k16V5ri4f1GyC9\n" \
	"Pty1CJa5RMymbZ8NTZyJiXfNP0qTzmNw4ig0LbvVa9azH6+XQnvFWlpyna9Hi+Nv\n" \
	"6nHzscn4zdgTF8gLF0NCiDf4mrmv28JrUosAY9MeK3HlZKgRFxm5XHQ/zMU5wuql\n" \
	"cQbF1tltA8yfQ4lp/FoBiu2Dsl0/nh7eNRDdMwXZ7sJqHgKag7/z+LTe4kfkzB4/\n" \
	"coY/sjuOWsJuKInq0wI3B8+fasQiXJ5SLLB02Ve0whSKMHmc9+xKs9w2s5u1n7dD\n" \
	"ad0nd+OhpWW1gpp+NQ7ZzwOoUS/RKJpuduW69LKrMV1Q\n" \
	"-----END CERTIFICATE-----\n"

/* A client certificate of that CA, RSA */
#define TEST_RSA_CERT \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIICsDCCAZgCAQEwDQYJKoZIhvcNAQELBQAwHTEbMBkGA1UEAwwSZXN3aWZpIHRl\n" \
	"c3QgUlNBIENBMCAXDTI2MTEyNTE4MjUzN1oYDzIxMjYxMTAxMTgyNTM3WjAdMRsw\n" \
	"GQYDVQQDDBJlc3dpZmkgdGVzdCBjbGllbnQwggEiMA0GCSqGSIb3DQEBAQUAA4IB\n" \
	"DwAwggEKAoIBAQC0qqskOasdLf28AUeJAvTLA0Q+mLJLlW3u0XGA3ucmVHgOChuo\n" \
	"V0Hf08H7vmd4QLylPhUH9JYMis9P6xgLQVb4faG2VAT2SwoFwPHWAjAmLYlyyY53\n" \
	"yeU63bmy/ILRCNz3CwbmI8rWnm+3yGnQhU4YfS5C9lUPpENzD3xdgpsXw5T9d/cX\n" \
	"ghGoB/hdqe9A+W9/CaIBMZk0Us9ScfQG2pwvYpKnrSfJjGu+vLWJBeOoojmLhOBv\n" \
	"LhYB/nPGcWNyoi1vtkEqhD7WeN3Ph/gjqiy5FU9dw0YizZiYSW2IP/c3S08gopyM\n" \
	"XwRxyaBMkJIoWH40p2xyE+Vv8h4vYhOwNQwTAgMBAAEwDQYJKoZIhvcNAQELBQAD\n" \
	"ggEBAJn8k30rbc71baWRAmYRSHwR5kQ3CptXxaC9oY+X8c5CipbAgXENix7ltoTm\n" \
	"+gVG3NXpNDp/TNsbGmtjK9+rTpc/QXcBLsNRSUuoiye4xbY0XoEqDexUPGXjHuwp\n" \
	"foaETWuX87LWqTCU23iw2N9aOJbAxjCGsgLwKVnTnXWQasQ9wVtCR5Sev5FyobRU\n" \
	"xMNGQ+RblDHOjT3z4CFcQwS2EjuaBxuP2gV8ibk+21jQ6M/xunY+NTtrKlIOQTk5\n" \
	"n0C7LGdFuls9J4HCiaEzIcD+aEFzMHPluwEbKdeFCKOtaoLrZOyYNJaum2m+igj6\n" \
	"fygHlH4NHDIoeJsD5CZlcGhtd3U=\n" \
	"-----END CERTIFICATE-----\n"

/* Its key, PKCS#1, d modulo (p-1)(q-1) */
#define TEST_RSA_KEY \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIIEowIBAAKCAQEAtKqrJDmrHS39vAFHiQL0ywNEPpiyS5Vt7tFxgN7nJlR4Dgob\n" \
	"qFdB39PB+75neEC8pT4VB/SWDIrPT+sYC0FW+H2htlQE9ksKBcDx1gIwJi2JcsmO\n" \
	"d8nlOt25svyC0Qjc9wsG5iPK1p5vt8hp0IVOGH0uQvZVD6RDcw98XYKbF8OU/Xf3\n" \
	"F4IRqAf4XanvQPlvfwmiATGZNFLPUnH0BtqcL2KSp60nyYxrvry1iQXjqKI5i4Tg\n" \
	"by4WAf5zxnFjcqItb7ZBKoQ+1njdz4f4I6osuRVPXcNGIs2YmEltiD/3N0tPIKKc\n" \
	"jF8EccmgTJCSKFh+NKdschPlb/IeL2ITsDUMEwIDAQABAoIBAQCEojsMWC3wOSBr\n" \
	"EoFi68Gs/NPwJIfYh3Zyel6anooSELcmj3Mojg61dK+X0nwBw3z6zu3/ricuRAXY\n" \
	"hR5cvPZNbWX4Bgyyh/puqOyiEW8pyAp9M82c0aKxKbA337tmHNyjnPvOnv49u4kG\n" \
	"4mIUjJj9z4DT9iYSWqSN5xOFTunvchD9UXEKGzab5xMER5CEk8+zt3GtW1VyYUdO\n" \
	"/5axhgkdngTlzvgABPg+QuWwi9VjYR3K+IxyquVPDxrnakf/xDT/4p0+g+3vUHf1\n" \
	"VUKe3s5RqAHIPu0ozyq85j1ExPeyYg/kAJFuQ/Sjl5ThEr4QxUHcwiN4WBmzUUdN\n" \
	"YLPd0dlpAoGBAOZklGh+Ix36VDX6pXoFInh2Ied316xb6OScdxf+ZqiEnQB97HL5\n" \
	"u7B36Jxtt27l1TYbZjjnnRNQd/qqzwGkxUVuZtUWVXexSXzRsxXNaAQ0AifoUhR6\n" \
	"L70SaiLDRv1JJoiVLOURIb3DQ2ZD4ZJtUU6FKY4/9hrXHBuqpN07lcFNAoGBAMi/\n" \
	"N7r0rLN2CZ8ickJa/cSk2LzjrrwMvXHMou9PSPNzZbwyycd/nsy47VnTnHLnIO1N\n" \
	"jdCCXxtW9SbBSpTJshSQ/tELuMKQD94bJeeAtJ+xW7C79ze3E6xZKrwibmjK7+lx\n" \
	"j58WHYhdO1roX1Gx4/mhoConLdgSiJl0p39Is1LfAoGActxYBNRF668ehp7EGtYu\n" \
	"fkHe20grFPnpXPgIg8TIJ2Gd6F3fIN8STIMrS7mDRt18c3Irf1kxPSzT8/tuIpKj\n" \
	"6t6Ek92DlJ2lVn4xO0BhiB7pqD2xlhXocOmaUmRqouHyPQuqCzWETdfoZTaYYejw\n" \
	"LSZENm/64Ry3Ha/wa39GRM0CgYB4T0lqLWs3Xr2jdrR9miTObnFKuzWklAoRoq/f\n" \
	"tmelJ/rH0LRncM/OJ+Jv3Ee+AVEVh04/sXKoYvQnlt5Iz5x/gOqGhHzldgtcdG7C\n" \
	"ELuvnU6zW+Nsq7cJqqLW/9elzEH+aUXG9S0b5axF7k/6GR/lIv1nZfWusmTVezlL\n" \
	"Kln2hwKBgGnER74F6USDIYTgSq+xzBU6HP/alBZw++IGkvpZ92e95QmhSokUwTzQ\n" \
	"xiwZ7hr0BeggqDmyIHD37K/hoXOZUMRBnymDZuaVzjqx557rxTd1yCvaa4GLvu2z\n" \
	"/x2hD7gimLO3SkOgTdyS93utD6bZyv9pQrvbh9aNNfTu3QMhr6G6\n" \
	"-----END RSA PRIVATE KEY-----\n"

/* The same key, with d modulo lcm(p-1, q-1) only */
#define TEST_RSA_KEY_LCM \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIIEogIBAAKCAQEAtKqrJDmrHS39vAFHiQL0ywNEPpiyS5Vt7tFxgN7nJlR4Dgob\n" \
	"qFdB39PB+75neEC8pT4VB/SWDIrPT+sYC0FW+H2htlQE9ksKBcDx1gIwJi2JcsmO\n" \
	"d8nlOt25svyC0Qjc9wsG5iPK1p5vt8hp0IVOGH0uQvZVD6RDcw98XYKbF8OU/Xf3\n" \
	"F4IRqAf4XanvQPlvfwmiATGZNFLPUnH0BtqcL2KSp60nyYxrvry1iQXjqKI5i4Tg\n" \
	"by4WAf5zxnFjcqItb7ZBKoQ+1njdz4f4I6osuRVPXcNGIs2YmEltiD/3N0tPIKKc\n" \
	"jF8EccmgTJCSKFh+NKdschPlb/IeL2ITsDUMEwIDAQABAoIBAAwwc57cZodvzJhm\n" \
	"/FzpySWlURu+u6Yj19NEEu9fRU3YZx0zYLhT4srng5qo4bGYVIyliqULGHs80PiT\n" \
	"DlU8EafET354tA5V88AoS2i6pGWprttYGUz1tInrNGs3ZDAW8/7q9zUxzFlR6TcH\n" \
	"cN7eZO18DKdR7V1Cd5aHa0b319+bd8GJjpxPC8wgUNk7bplYWMZYHemT35VDoV4a\n" \
	"TjYUCPizdkEqWcqOWTT+ZitqftDuZF6X/Rne9b1Y5ACFFKenqApXizjf6uE7dgjg\n" \
	"m2XVyG8tsqHtm90dtfRt3i297EWUJygR1oAuyxgQVXYy9LVYcyjZAMZizVnIVpf8\n" \
	"5Gs0iXkCgYEA5mSUaH4jHfpUNfqlegUieHYh53fXrFvo5Jx3F/5mqISdAH3scvm7\n" \
	"sHfonG23buXVNhtmOOedE1B3+qrPAaTFRW5m1RZVd7FJfNGzFc1oBDQCJ+hSFHov\n" \
	"vRJqIsNG/UkmiJUs5REhvcNDZkPhkm1RToUpjj/2GtccG6qk3TuVwU0CgYEAyL83\n" \
	"uvSss3YJnyJyQlr9xKTYvOOuvAy9ccyi709I83NlvDLJx3+ezLjtWdOccucg7U2N\n" \
	"0IJfG1b1JsFKlMmyFJD+0Qu4wpAP3hsl54C0n7FbsLv3N7cTrFkqvCJuaMrv6XGP\n" \
	"nxYdiF07WuhfUbHj+aGgKict2BKImXSnf0izUt8CgYBy3FgE1EXrrx6GnsQa1i5+\n" \
	"Qd7bSCsU+elc+AiDxMgnYZ3oXd8g3xJMgytLuYNG3Xxzcit/WTE9LNPz+24ikqPq\n" \
	"3oST3YOUnaVWfjE7QGGIHumoPbGWFehw6ZpSZGqi4fI9C6oLNYRN1+hlNphh6PAt\n" \
	"JkQ2b/rhHLcdr/Brf0ZEzQKBgHhPSWotazdevaN2tH2aJM5ucUq7NaSUChGir9+2\n" \
	"Z6Un+sfQtGdwz84n4m/cR74BURWHTj+xcqhi9CeW3kjPnH+A6oaEfOV2C1x0bsIQ\n" \
	"u6+dTrNb42yrtwmqotb/16XMQf5pRcb1LRvlrEXuT/oZH+Ui/Wdl9a6yZNV7OUsq\n" \
	"WfaHAoGAacRHvgXpRIMhhOBKr7HMFToc/9qUFnD74gaS+ln3Z73lCaFKiRTBPNDG\n" \
	"LBnuGvQF6CCoObIgcPfsr+Ghc5lQxEGfKYNm5pXOOrHnnuvFN3XIK9prgYu+7bP/\n" \
	"HaEPuCKYs7dKQ6BN3JL3e60PptnK/2lCu9uH1o019O7dAyGvobo=\n" \
	"-----END RSA PRIVATE KEY-----\n"

/* The same key, PKCS#8 */
#define TEST_RSA_KEY_PKCS8 \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC0qqskOasdLf28\n" \
	"AUeJAvTLA0Q+mLJLlW3u0XGA3ucmVHgOChuoV0Hf08H7vmd4QLylPhUH9JYMis9P\n" \
	"6xgLQVb4faG2VAT2SwoFwPHWAjAmLYlyyY53yeU63bmy/ILRCNz3CwbmI8rWnm+3\n" \
	"yGnQhU4YfS5C9lUPpENzD3xdgpsXw5T9d/cXghGoB/hdqe9A+W9/CaIBMZk0Us9S\n" \
	"cfQG2pwvYpKnrSfJjGu+vLWJBeOoojmLhOBvLhYB/nPGcWNyoi1vtkEqhD7WeN3P\n" \
	"h/gjqiy5FU9dw0YizZiYSW2IP/c3S08gopyMXwRxyaBMkJIoWH40p2xyE+Vv8h4v\n" \
	"YhOwNQwTAgMBAAECggEBAISiOwxYLfA5IGsSgWLrwaz80/Akh9iHdnJ6XpqeihIQ\n" \
	"tyaPcyiODrV0r5fSfAHDfPrO7f+uJy5EBdiFHly89k1tZfgGDLKH+m6o7KIRbynI\n" \
	"Cn0zzZzRorEpsDffu2Yc3KOc+86e/j27iQbiYhSMmP3PgNP2JhJapI3nE4VO6e9y\n" \
	"EP1RcQobNpvnEwRHkISTz7O3ca1bVXJhR07/lrGGCR2eBOXO+AAE+D5C5bCL1WNh\n" \
	"Hcr4jHKq5U8PGudqR//ENP/inT6D7e9Qd/VVQp7ezlGoAcg+7SjPKrzmPUTE97Ji\n" \
	"D+QAkW5D9KOXlOESvhDFQdzCI3hYGbNRR01gs93R2WkCgYEA5mSUaH4jHfpUNfql\n" \
	"egUieHYh53fXrFvo5Jx3F/5mqISdAH3scvm7sHfonG23buXVNhtmOOedE1B3+qrP\n" \
	"AaTFRW5m1RZVd7FJfNGzFc1oBDQCJ+hSFHovvRJqIsNG/UkmiJUs5REhvcNDZkPh\n" \
	"km1RToUpjj/2GtccG6qk3TuVwU0CgYEAyL83uvSss3YJnyJyQlr9xKTYvOOuvAy9\n" \
	"ccyi709I83NlvDLJx3+ezLjtWdOccucg7U2N0IJfG1b1JsFKlMmyFJD+0Qu4wpAP\n" \
	"3hsl54C0n7FbsLv3N7cTrFkqvCJuaMrv6XGPnxYdiF07WuhfUbHj+aGgKict2BKI\n" \
	"mXSnf0izUt8CgYBy3FgE1EXrrx6GnsQa1i5+Qd7bSCsU+elc+AiDxMgnYZ3oXd8g\n" \
	"3xJMgytLuYNG3Xxzcit/WTE9LNPz+24ikqPq3oST3YOUnaVWfjE7QGGIHumoPbGW\n" \
	"Fehw6ZpSZGqi4fI9C6oLNYRN1+hlNphh6PAtJkQ2b/rhHLcdr/Brf0ZEzQKBgHhP\n" \
	"SWotazdevaN2tH2aJM5ucUq7NaSUChGir9+2Z6Un+sfQtGdwz84n4m/cR74BURWH\n" \
	"Tj+xcqhi9CeW3kjPnH+A6oaEfOV2C1x0bsIQu6+dTrNb42yrtwmqotb/16XMQf5p\n" \
	"Rcb1LRvlrEXuT/oZH+Ui/Wdl9a6yZNV7OUsqWfaHAoGAacRHvgXpRIMhhOBKr7HM\n" \
	"FToc/9qUFnD74gaS+ln3Z73lCaFKiRTBPNDGLBnuGvQF6CCoObIgcPfsr+Ghc5lQ\n" \
	"xEGfKYNm5pXOOrHnnuvFN3XIK9prgYu+7bP/HaEPuCKYs7dKQ6BN3JL3e60PptnK\n" \
	"/2lCu9uH1o019O7dAyGvobo=\n" \
	"-----END PRIVATE KEY-----\n"

/* The same key, with another number in place of q */
#define TEST_RSA_KEY_BROKEN \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIIEowIBAAKCAQEAtKqrJDmrHS39vAFHiQL0ywNEPpiyS5Vt7tFxgN7nJlR4Dgob\n" \
	"qFdB39PB+75neEC8pT4VB/SWDIrPT+sYC0FW+H2htlQE9ksKBcDx1gIwJi2JcsmO\n" \
	"d8nlOt25svyC0Qjc9wsG5iPK1p5vt8hp0IVOGH0uQvZVD6RDcw98XYKbF8OU/Xf3\n" \
	"F4IRqAf4XanvQPlvfwmiATGZNFLPUnH0BtqcL2KSp60nyYxrvry1iQXjqKI5i4Tg\n" \
	"by4WAf5zxnFjcqItb7ZBKoQ+1njdz4f4I6osuRVPXcNGIs2YmEltiD/3N0tPIKKc\n" \
	"jF8EccmgTJCSKFh+NKdschPlb/IeL2ITsDUMEwIDAQABAoIBAQCEojsMWC3wOSBr\n" \
	"EoFi68Gs/NPwJIfYh3Zyel6anooSELcmj3Mojg61dK+X0nwBw3z6zu3/ricuRAXY\n" \
	"hR5cvPZNbWX4Bgyyh/puqOyiEW8pyAp9M82c0aKxKbA337tmHNyjnPvOnv49u4kG\n" \
	"4mIUjJj9z4DT9iYSWqSN5xOFTunvchD9UXEKGzab5xMER5CEk8+zt3GtW1VyYUdO\n" \
	"/5axhgkdngTlzvgABPg+QuWwi9VjYR3K+IxyquVPDxrnakf/xDT/4p0+g+3vUHf1\n" \
	"VUKe3s5RqAHIPu0ozyq85j1ExPeyYg/kAJFuQ/Sjl5ThEr4QxUHcwiN4WBmzUUdN\n" \
	"YLPd0dlpAoGBAOZklGh+Ix36VDX6pXoFInh2Ied316xb6OScdxf+ZqiEnQB97HL5\n" \
	"u7B36Jxtt27l1TYbZjjnnRNQd/qqzwGkxUVuZtUWVXexSXzRsxXNaAQ0AifoUhR6\n" \
	"L70SaiLDRv1JJoiVLOURIb3DQ2ZD4ZJtUU6FKY4/9hrXHBuqpN07lcFNAoGBAMi/\n" \
	"N7r0rLN2CZ8ickJa/cSk2LzjrrwMvXHMou9PSPNzZbwyycd/nsy47VnTnHLnIO1N\n" \
	"jdCCXxtW9SbBSpTJshSQ/tELuMKQD94bJeeAtJ+xW7C79ze3E6xZKrwibmjK7+lx\n" \
	"j58WHYhdO1roX1Gx4/mhoConLdgSiJl0p39Is1LhAoGActxYBNRF668ehp7EGtYu\n" \
	"fkHe20grFPnpXPgIg8TIJ2Gd6F3fIN8STIMrS7mDRt18c3Irf1kxPSzT8/tuIpKj\n" \
	"6t6Ek92DlJ2lVn4xO0BhiB7pqD2xlhXocOmaUmRqouHyPQuqCzWETdfoZTaYYejw\n" \
	"LSZENm/64Ry3Ha/wa39GRM0CgYB4T0lqLWs3Xr2jdrR9miTObnFKuzWklAoRoq/f\n" \
	"tmelJ/rH0LRncM/OJ+Jv3Ee+AVEVh04/sXKoYvQnlt5Iz5x/gOqGhHzldgtcdG7C\n" \
	"ELuvnU6zW+Nsq7cJqqLW/9elzEH+aUXG9S0b5axF7k/6GR/lIv1nZfWusmTVezlL\n" \
	"Kln2hwKBgGnER74F6USDIYTgSq+xzBU6HP/alBZw++IGkvpZ92e95QmhSokUwTzQ\n" \
	"xiwZ7hr0BeggqDmyIHD37K/hoXOZUMRBnymDZuaVzjqx557rxTd1yCvaa4GLvu2z\n" \
	"/x2hD7gimLO3SkOgTdyS93utD6bZyv9pQrvbh9aNNfTu3QMhr6G6\n" \
	"-----END RSA PRIVATE KEY-----\n"

/* Another RSA CA */
#define TEST_RSA_OTHER_CA \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIDHzCCAgegAwIBAgIUT5Om3GgDG2vXkcLJCDcGRhBguW8wDQYJKoZIhvcNAQEL\n" \
	"BQAwHjEcMBoGA1UEAwwTZXN3aWZpIG90aGVyIFJTQSBDQTAgFw0yNjExMjUxODI1\n" \
	"MzdaGA8yMTI2MTEwMTE4MjUzN1owHjEcMBoGA1UEAwwTZXN3aWZpIG90aGVyIFJT\n" \
	"QSBDQTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAJYF5CxLGQHzBHQN\n" \
	"9hp4PyilrHMCmSqWo0Voz5AyaN9RO99Xh9iZT0oqzkIGhdu5r+K1E3Nk/rHHlNd7\n" \
	"ZgfWbnN/ScMsW4Ua+v/nzD++lTgaTwAIzdEGplL24kc1yMihTgbi0Ih/lluClmYG\n" \
	"WQm3nI//FTcS3mvuzneG8LTM5lK1td5S6mxUBbY38Pw+O8PZobQxbqoxvbnKB2CV\n" \
	"IrkoquDiZhioGxfykWI3a6+ByPSeIYiBFQGmEVwSWBS826lKo2Yb5CMIAwwUBUKg\n" \
	"jQPE0CKBDmv7Rw/awu1Kcl7OjjeBWwOyMk+pI7WBQ7KtkMvqRfIvAV27aTOpIi+8\n" \
	"hFAclh8CAwEAAaNTMFEwHQYDVR0OBBYEFKr0YlylAKV47TJoG0WDxZqWJq41MB8G\n" \
	"A1UdIwQYMBaAFKr0YlylAKV47TJoG0WDxZqWJq41MA8GA1UdEwEB/wQFMAMBAf8w\n" \
	"DQYJKoZIhvcNAQELBQADggEBABa7Oyrdo0RXczW43xvkYvjp37I7ERrkjM+wQpYA\n" \
	"8BWz4/1S2Vy5pn41WcatM1HNdO2ZEVweWmJmYhM4LTtOSAW40XyEaXWmtjjzTZER\n" \
	"Z4eLWt6OeAEAUOi7bCLU2hp/YqHLfl2Zdi+v8ZLsMRcz/0AMDPn3exkj+CG301E7\n" \
	"NvPxwRS0/Z370BT4XHbmmCkJtv/1JwOFk4UEelEuL72v9LOm5DpBPoXoRvTtuVNe\n" \
	"DaSPS1548lOOc2oMNcqCko4XsZBzpyS31hD/qibT0bhcRqV9Loqq5vB4gIsfiVXY\n" \
	"ZnNTlzMz7Mq9NbV66Ea6l/5SvvcjXoCMu6Hnt5FYwpzBpaM=\n" \
	"-----END CERTIFICATE-----\n"

#endif /* ESWIFI_TEST_PEM_H */
