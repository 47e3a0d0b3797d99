"""Sends as fast as it is told, or measures what arrives: for limits, which are about the receiver.

    pump.py receive udp|tcp ADDRESS PORT SKIP SECONDS     prints {"bits_per_second": …, "packets_per_second": …}
    pump.py send udp|tcp ADDRESS PORT SECONDS SIZE RATE   RATE packets in each second, UDP alone

What is measured is what came in SECONDS, from SKIP seconds after the first of it. Bits count the headers of Ethernet, IP
and UDP with each datagram; of TCP the payload alone.
"""

import json
import socket
import sys
import time

HEADERS = 14 + 20 + 8


def receive(kind, address, port, skip, seconds):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    server.bind((address, port))
    if kind == 'tcp':
        server.listen(1)
    print('listening', flush=True)
    source = server if kind == 'udp' else server.accept()[0]
    source.settimeout(10)
    source.recv(65536)
    begin = time.monotonic() + skip
    end = begin + seconds
    octets = packets = 0
    source.settimeout(0.2)
    while True:
        try:
            got = len(source.recv(65536))
        except TimeoutError:
            got = -1
        now = time.monotonic()
        if now >= end:
            break
        if got >= 0 and now >= begin:
            octets += got + (HEADERS if kind == 'udp' else 0)
            packets += 1
    print(json.dumps({'bits_per_second': octets * 8 / seconds, 'packets_per_second': packets / seconds}), flush=True)


def send(kind, address, port, seconds, size, rate):
    payload = b'x' * size
    end = time.monotonic() + seconds
    if kind == 'tcp':
        stream = socket.create_connection((address, port), timeout=5)
        stream.settimeout(1)
        while time.monotonic() < end:
            try:
                stream.send(payload)
            except (TimeoutError, ConnectionError):
                pass
        return
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((address, port))
    begin = time.monotonic()
    sent = 0
    while (now := time.monotonic()) < end:
        while sent < (now - begin) * rate:
            try:
                datagrams.send(payload)
            except OSError:
                pass
            sent += 1
        time.sleep(0.002)


if sys.argv[1] == 'receive':
    receive(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6]))
else:
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]), float(sys.argv[7]))
