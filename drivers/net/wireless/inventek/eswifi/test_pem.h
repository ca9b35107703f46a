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

#endif /* ESWIFI_TEST_PEM_H */
