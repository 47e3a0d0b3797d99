"""A VLAN device for kernels that have none: what is sent to it leaves by its parent with a tag (IEEE 802.1Q), and what
the parent receives with that tag comes out of it.

    vlan-device.py PARENT ID NAME

makes the device NAME, with the parent's address, says so in a line, and keeps it for as long as it runs. It is what
`ip link add link PARENT name NAME type vlan id ID` makes where the kernel has the module 8021q.
"""

import fcntl
import socket
import struct
import subprocess
import sys
import threading

ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 3, 263, 8, 4
TP_STATUS_VLAN_VALID = 1 << 4
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000

parent, identity, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]

tap = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tap, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TAP | IFF_NO_PI))
with open(f'/sys/class/net/{parent}/address') as file:
    address = file.read().strip()
with open(f'/sys/class/net/{parent}/mtu') as file:
    mtu = file.read().strip()
subprocess.run(['ip', 'link', 'set', name, 'address', address, 'mtu', mtu, 'up'], check=True)

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
wire.bind((parent, 0))


def receive():
    while True:
        frame, ancillary, _, (_, _, kind, _, _) = wire.recvmsg(65536, socket.CMSG_SPACE(20))
        # The kernel takes the tag out of the frame and tells it beside (packet(7), PACKET_AUXDATA).
        status, _, _, _, _, tag, _ = struct.unpack('IIIHHHH', ancillary[0][2][:20])
        if kind != PACKET_OUTGOING and status & TP_STATUS_VLAN_VALID and tag & 0xFFF == identity:
            tap.write(frame)


threading.Thread(target=receive, daemon=True).start()
print('ready', flush=True)
while True:
    frame = tap.read(65536)
    wire.send(frame[:12] + struct.pack('!HH', 0x8100, identity) + frame[12:])
