#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The driver at work on an emulated module: provisioning and TLS with and without
# verification, against real TLS servers. Run by "make demo" inside the
# test kernel. Every step is checked; nothing that is shown was prepared.
set -u

number=0
title=
device=eswifi0
sys=/sys/class/eswifi/$device
secret="the text that nobody but the right server may see"

step() {
	number=$((number + 1))
	title=$1
	printf '\n%d. %s\n' "$number" "$title"
}

fail() {
	printf '     !! %s\n' "$*"
	echo "demo: FAILED at step $number: $title"
	exit 1
}

note() {
	printf '   %s\n' "$*"
}

indent() {
	sed 's/^/     /'
}

# Run a command, show it and what it said. Sets output and status.
run() {
	printf '   $ %s\n' "$*"
	output=$("$@" 2>&1)
	status=$?
	[ -z "$output" ] || indent <<<"$output"
}

must() {
	run "$@"
	[ $status = 0 ] || fail "exit status $status"
}

says() {
	[[ $output == *"$1"* ]] || fail "should say: $1"
}

# Write to an attribute, as a person would by echo.
put() {
	printf '   $ echo %s > %s\n' "$1" "$2"
	output=$({ printf '%s\n' "$1" >"$sys/$2"; } 2>&1)
	status=$?
	output=${output##*: }
	[ -z "$output" ] || indent <<<"$output"
}

show() {
	must cat "$sys/$1"
}

within() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.1
	done
}

burns() {
	eswifi-emulator --flash "$work/flash" --show | sed -n 's/^burns: //p'
}

if ! [ -c /dev/uspi ] || ! command -v eswifi-emulator eswifictl >/dev/null; then
	echo "demo: this runs inside the test kernel: start it with 'make demo'" >&2
	exit 2
fi
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null' EXIT
cd "$work" || exit 1
echo "eswifi: a driver for Inventek eS-WiFi modules, on an emulated one"
exec 2>&1

step "A module is plugged in, and the driver finds out what it is"
cat >module.conf <<CONF
[ap]
ssid = Workshop
passphrase = correct horse battery
security = wpa2
[hosts]
server.example = 127.0.0.1
CONF
eswifi-emulator --config module.conf --flash flash --log dialogue.log >emulator.log &
within 20 test -c /dev/$device || fail "no /dev/$device: $(cat emulator.log; dmesg | tail -n 5)"
run sh -c "dmesg | grep 'eswifi.*firmware' | tail -n 1"
says "ISM43362-M3G-L44-SPI, firmware C3.5.2.5.STM"

step "Its certificate sets are empty; each slot can be written once in its life"
show cert_slots
says "0 ca=free cert=free key=free"
[[ $output != *used* ]] || fail "not empty"
show verify_mode
says required

step "We make a certificate authority, a server certificate and a client certificate"
note "RSA for the authority and the client, EC for servers: what this firmware can use."
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$2" \
		-keyout "$1.key" -out "$1.pem" 2>/dev/null
}
rsa="-newkey rsa:2048"
ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
# certificate AUTHORITY FILE SUBJECT KEY
certificate() {
	# shellcheck disable=SC2086 # the options are words
	openssl req $4 -nodes -subj "/CN=$3" -keyout "$2.key" 2>/dev/null |
		openssl x509 -req -CA "$1.pem" -CAkey "$1.key" -set_serial "0x$(openssl rand -hex 8)" \
			-days 90 -out "$2.pem" 2>/dev/null
}
if ! { authority ours "Our authority" && authority foreign "Somebody else" &&
	certificate ours server server.example "$ec" &&
	certificate foreign impostor server.example "$ec" &&
	certificate ours client "device 0001 of site A" "$rsa" &&
	certificate ours other "device 0002 of site A" "$rsa"; }; then
	fail "openssl"
fi
for site in a b; do
	mkdir -p "$ESWIFI_FW/inventek/site-$site"
	cp ours.pem "$ESWIFI_FW/inventek/site-$site/ca.pem"
done
cp client.pem "$ESWIFI_FW/inventek/site-a/cert.pem"
cp client.key "$ESWIFI_FW/inventek/site-a/key.pem"
cp other.pem "$ESWIFI_FW/inventek/site-b/cert.pem"
cp other.key "$ESWIFI_FW/inventek/site-b/key.pem"
must ls "$ESWIFI_FW/inventek/site-a"

step "OpenSSL's form of an RSA key is none that this firmware reads: one command mends it"
for site in a b; do
	run eswifictl cert convert "site-$site"
	[ $status = 4 ] || fail "exit status $status"
	says "it is the same key"
done
run eswifictl cert check site-a
[ $status = 0 ] || fail "exit status $status"

step "Provisioning: one write; the kernel reads, checks, programs and verifies"
put site-a cert_provision
[ $status = 0 ] || fail "$(cat $sys/cert_status)"
show cert_status
says "ca=programmed cert=programmed key=programmed"
show cert_slots
says "0 ca=used cert=used key=used"

step "The same again is harmless: everything matches, nothing is burnt"
put site-a cert_provision
[ $status = 0 ] || fail "$(cat $sys/cert_status)"
show cert_status
says "ca=match cert=match key=match"
[ "$(burns)" = 3 ] || fail "the module's flash was written $(burns) times, not 3"
note "The module's flash was written 3 times in all."

step "Another certificate for the same set is refused before anything is burnt"
before=$(cat $sys/cert_slots)
put site-b cert_provision
[ $status != 0 ] || fail "was accepted"
says "File exists"
show cert_status
says "failed site-b"
[ "$(cat $sys/cert_slots)" = "$before" ] || fail "the slots have changed"
[ "$(burns)" = 3 ] || fail "the module's flash was written $(burns) times, not 3"
note "The slots are as they were, the flash was still written 3 times."

step "The module joins a network"
run eswifictl join Workshop <<<"correct horse battery"
[ $status = 0 ] || fail "exit status $status"
show operstate
says up

# serve NAME PORT CERTIFICATE [OPTION]...: a TLS server; what it receives goes
# to NAME.received, what it says to NAME.log.
mkfifo silence
serve() {
	local name=$1 port=$2 certificate=$3
	shift 3
	openssl s_server -accept "127.0.0.1:$port" -cert "$certificate.pem" \
		-key "$certificate.key" "$@" <>silence >"$name.received" 2>"$name.log" &
	within 10 sh -c "ss -ltn | grep -q 127.0.0.1:$port" || fail "server $name: $(cat "$name.log")"
}
# Pages that tell about the TLS session; and servers that only listen.
serve page-verifying 4431 server -www -Verify 1 -verify_return_error -CAfile ours.pem
serve impostor-page 4432 impostor -www
serve listener 4433 server -quiet
serve impostor 4434 impostor -quiet -Verify 1 -CAfile foreign.pem

# ask PORT: a request through the module; shows the interesting lines of the page.
ask() {
	printf '   $ eswifictl connect --tls server.example %s\n' "$1"
	output=$(printf 'GET / HTTP/1.0\r\n\r\n' |
		 timeout 30 eswifictl connect --tls server.example "$1" 2>&1)
	status=$?
	grep -E '200 ok|Protocol *:|Cipher *:|Subject:|eswifictl:|No client' <<<"$output" |
		sed 's/^ */     /'
	[ $status = 0 ] || fail "exit status $status: $output"
	says "200 ok"
	says "TLSv1.2"
}

step "verify_mode none: any server will do, even one of a foreign authority"
put none verify_mode
ask 4432

step "verify_mode required: only a server of our authority, and the module shows its own"
put required verify_mode
ask 4431
says "device 0001 of site A"
note "The server saw the certificate that lies in the module."

step "A server of a foreign authority is refused, before any data"
printf '   $ echo ... | eswifictl connect --tls server.example 4434\n'
output=$(timeout 60 eswifictl connect --tls server.example 4434 2>&1 <<<"$secret")
status=$?
indent <<<"$output"
[ $status = 1 ] || fail "exit status $status"
says "plain TCP to the same port works"
sleep 0.5
must wc -c impostor.received
[ ! -s impostor.received ] || fail "data reached the impostor"
run sh -c "grep -o 'unexpected eof' impostor.log | sort -u"
says "unexpected eof"
note "Not one byte reached it: the module ended the handshake, without a word. For comparison,"
note "the same text to the same kind of server, with a certificate of ours:"
printf '   $ echo ... | eswifictl connect --tls server.example 4433\n'
timeout 30 eswifictl connect --tls server.example 4433 <<<"$secret" >/dev/null &
client=$!
within 10 grep -qF "$secret" listener.received || fail "nothing arrived at the right server"
kill $client
wait $client 2>/dev/null
must cat listener.received

step "A server that can't be reached is told from one that is refused"
run timeout 100 eswifictl connect --tls server.example 4999 </dev/null
[ $status = 1 ] || fail "exit status $status"
says "plain TCP to the same port fails too"

step "A set that holds nothing can verify nothing: refused, not tried"
run timeout 30 eswifictl connect --tls --set 1 server.example 4433 </dev/null
[ $status = 1 ] || fail "exit status $status"
says "set 1 lacks ca"

step "At the end"
must eswifictl status --verbose
says "0 ca=used cert=used key=used"
says "key-form"
[ "$(cat $sys/statistics/resets)" = 0 ] || fail "the module had to be reset"

echo
echo "demo: passed"
