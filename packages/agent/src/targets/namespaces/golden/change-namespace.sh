# rules
ip -4 -n qdhcp-1 -batch - <<'END'
rule delete priority 101 fwmark 0x100/0xff00 lookup 257
END

# withdraw
ip -n qdhcp-1 -batch - <<'END'
route delete 192.0.2.0/24 dev tap1
route delete default via 10.0.0.1 onlink dev tap1
route delete default via 10.0.0.1 onlink table 257 dev tap1
address delete 192.0.2.7/32 dev tap1
neighbour delete proxy fd01::1 dev tap1
END

# configure
ip -n qdhcp-1 -batch - <<'END'
address replace 192.0.2.8/32 dev tap1 brd +
route replace default via 10.0.0.254 onlink dev tap1 proto static
neighbour replace proxy fd01::2 dev tap1
END

# announce
nsenter --net=/run/netns/qdhcp-1 sh -c 'arping -q -U -c 3 -I tap1 192.0.2.8 & arping -q -A -c 3 -I tap1 192.0.2.8' </dev/null >/dev/null 2>&1 &
ip -n qdhcp-1 link set dev tap1 alias 'announced 12e42d8325513bfa'

# rules
ip -6 -n qdhcp-1 -force -batch - <<'END' 2>/dev/null || true
rule delete priority 100 lookup main suppress_prefixlength 0
END
ip -6 -n qdhcp-1 -batch - <<'END'
rule add priority 100 lookup main suppress_prefixlength 0
END
