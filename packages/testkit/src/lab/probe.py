"""Runs inside an instance and does there what a test asks for: one JSON object a line in, one a line out.

It speaks both as an honest program, through the kernel's sockets, and as a dishonest one, in frames of its own making.
What eth0 receives is kept in summaries until the test has asked for it.
"""

import ipaddress
import json
import os
import socket
import struct
import sys
import threading
import time

DEVICE = 'eth0'
ETH_P_ALL, PACKET_OUTGOING = 3, 4
ARP, IPV4, IPV6, VLAN = 0x0806, 0x0800, 0x86DD, 0x8100
ICMP, TCP, UDP, FRAGMENT, ICMPV6 = 1, 6, 17, 44, 58
received = []
received_lock = threading.Lock()
connections = {}
quiet = threading.Event()


def mac_bytes(text):
    return bytes.fromhex(text.replace(':', ''))


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(source, target, protocol, payload, offset):
    """The payload with the Internet checksum over it and its pseudo header (RFC 768, RFC 8200 section 8.1) in place."""
    if source.version == 4:
        pseudo = source.packed + target.packed + struct.pack('!BBH', 0, protocol, len(payload))
    else:
        pseudo = source.packed + target.packed + struct.pack('!IHBB', len(payload), 0, 0, protocol)
    if protocol == ICMP:
        pseudo = b''
    value = checksum(pseudo + payload)
    return payload[:offset] + struct.pack('!H', value) + payload[offset + 2 :]


def ip_packet(source, target, protocol, payload, hops):
    if source.version == 6:
        return struct.pack('!IHBB', 6 << 28, len(payload), protocol, hops) + source.packed + target.packed + payload
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload), 0, 0, hops, protocol, 0) + source.packed + target.packed
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def frame_of(ask):
    """The frame that `ask` describes."""
    ethernet = mac_bytes(ask['eth_dst']) + mac_bytes(ask['eth_src'])
    if ask['proto'] == 'arp':
        arp = struct.pack('!HHBBH', 1, IPV4, 6, 4, ask.get('op', 1))
        arp += mac_bytes(ask.get('sha', ask['eth_src'])) + ipaddress.ip_address(ask['src']).packed
        arp += b'\0' * 6 + ipaddress.ip_address(ask['dst']).packed
        return ethernet + struct.pack('!H', ARP) + arp.ljust(46, b'\0')
    source, target = ipaddress.ip_address(ask['src']), ipaddress.ip_address(ask['dst'])
    body = bytes.fromhex(ask.get('body', ''))
    sport, dport = ask.get('sport', 40000), ask.get('dport', 0)
    if ask['proto'] == 'tcp':
        syn = struct.pack('!HHIIBBHHH', sport, dport, 1, 0, 5 << 4, 2, 64000, 0, 0)
        protocol, payload = TCP, with_checksum(source, target, TCP, syn, 16)
    elif ask['proto'] == 'udp':
        datagram = struct.pack('!HHHH', sport, dport, 8 + len(body), 0) + body
        protocol, payload = UDP, with_checksum(source, target, UDP, datagram, 6)
    elif ask['proto'] == 'icmp':
        protocol = ICMP if source.version == 4 else ICMPV6
        message = struct.pack('!BBH', ask['type'], ask.get('code', 0), 0) + (body or b'\0\1\0\1')
        payload = with_checksum(source, target, protocol, message, 2)
    else:
        protocol, payload = int(ask['proto']), body or b'\0' * 8
    packet = ip_packet(source, target, protocol, payload, ask.get('hops', 255))
    return ethernet + struct.pack('!H', IPV4 if source.version == 4 else IPV6) + packet


def summary(frame):
    """What a test can look for in a frame."""
    (ethertype,) = struct.unpack('!H', frame[12:14])
    found = {'eth_dst': frame[0:6].hex(':'), 'eth_src': frame[6:12].hex(':')}
    rest = frame[14:]
    if ethertype == ARP:
        found |= {'proto': 'arp', 'op': rest[7], 'src': str(ipaddress.IPv4Address(rest[14:18]))}
        return found | {'dst': str(ipaddress.IPv4Address(rest[24:28]))}
    if ethertype == IPV4:
        source, target, protocol = rest[12:16], rest[16:20], rest[9]
        rest = rest[(rest[0] & 15) * 4 :]
    elif ethertype == IPV6:
        source, target, protocol = rest[8:24], rest[24:40], rest[6]
        rest = rest[40:]
        if protocol == 0 and len(rest) > 8:
            protocol, rest = rest[0], rest[8 * (rest[1] + 1) :]
        if protocol == FRAGMENT and len(rest) > 8:
            protocol, rest = rest[0], rest[8:]
    else:
        return found | {'proto': 'other'}
    found |= {'src': str(ipaddress.ip_address(source)), 'dst': str(ipaddress.ip_address(target))}
    if protocol in (TCP, UDP) and len(rest) >= 4:
        sport, dport = struct.unpack('!HH', rest[:4])
        return found | {'proto': 'tcp' if protocol == TCP else 'udp', 'sport': sport, 'dport': dport}
    if protocol in (ICMP, ICMPV6) and len(rest) >= 2:
        return found | {'proto': 'icmp', 'type': rest[0], 'code': rest[1]}
    return found | {'proto': str(protocol)}


def listen_to_device():
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    device.bind((DEVICE, 0))

    def collect():
        while True:
            frame, (_, _, kind, _, _) = device.recvfrom(65536)
            if kind != PACKET_OUTGOING:
                with received_lock:
                    received.append(summary(frame))

    threading.Thread(target=collect, daemon=True).start()
    return device


def echo_tcp(port):
    server = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)

    def talk(connection):
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)

    def accept():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=talk_until_reset, args=(talk, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def talk_until_reset(talk, connection):
    try:
        talk(connection)
    except OSError:
        pass


def echo_udp(port):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(('::', port))

    def answer():
        while True:
            data, sender = server.recvfrom(65535)
            server.sendto(data, sender)

    threading.Thread(target=answer, daemon=True).start()


def say_over(connection, seconds, size=16):
    """Whether what is said, of that many bytes, comes back in time."""
    word = os.urandom(8).hex().encode().ljust(size, b'.')
    connection.settimeout(seconds)
    try:
        connection.sendall(word)
        heard = b''
        while word not in heard:
            data = connection.recv(65535)
            if not data:
                return False
            heard += data
        return True
    except OSError:
        return False


def do_listen(ask):
    (echo_tcp if ask['proto'] == 'tcp' else echo_udp)(ask['port'])
    return True


def do_tcp(ask):
    try:
        with socket.create_connection((ask['address'], ask['port']), timeout=ask['seconds']) as connection:
            return say_over(connection, ask['seconds'])
    except OSError:
        return False


def do_udp(ask):
    family = socket.AF_INET6 if ':' in ask['address'] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as talker:
        talker.connect((ask['address'], ask['port']))
        # In fragments, where it is more than a frame holds; a datagram that fits goes before, and begins the exchange.
        size = ask.get('size', 16)
        if size > 16 and not say_over(talker, ask['seconds']):
            return False
        deadline = time.monotonic() + ask['seconds']
        while time.monotonic() < deadline:
            if say_over(talker, 0.1, size):
                return True
        return False


def do_datagram(ask):
    """Sends a datagram of that many bytes, in fragments where it is more than a frame holds."""
    family = socket.AF_INET6 if ':' in ask['address'] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as talker:
        talker.bind(('', ask['sport']))
        talker.sendto(bytes(ask['size']), (ask['address'], ask['port']))
    return True


def do_open(ask):
    connections[ask['name']] = socket.create_connection((ask['address'], ask['port']), timeout=ask['seconds'])
    return say_over(connections[ask['name']], ask['seconds'])


def do_exchange(ask):
    return say_over(connections[ask['name']], ask['seconds'])


def do_ping(ask):
    """Whether an echo request is answered (RFC 792, RFC 4443 section 4)."""
    six = ':' in ask['address']
    kind = (socket.AF_INET6, socket.SOCK_RAW, ICMPV6) if six else (socket.AF_INET, socket.SOCK_RAW, ICMP)
    with socket.socket(*kind) as pinger:
        identity = os.urandom(4)
        request = struct.pack('!BBH', 128 if six else 8, 0, 0) + identity + b'echo'
        if not six:
            request = request[:2] + struct.pack('!H', checksum(request)) + request[4:]
        deadline = time.monotonic() + ask['seconds']
        while time.monotonic() < deadline:
            pinger.sendto(request, (ask['address'], 0))
            pinger.settimeout(0.1)
            try:
                while True:
                    message = pinger.recv(1024)[0 if six else 20 :]
                    if message[0] == (129 if six else 0) and message[4:8] == identity:
                        return True
            except TimeoutError:
                continue
        return False


def do_send(ask):
    for each in ask['frames']:
        device.send(frame_of(each))
    return True


def do_repeat(ask):
    """Sends the frames again and again until `hush`."""
    frames = [frame_of(each) for each in ask['frames']]
    quiet.clear()

    def talk():
        while not quiet.wait(0.002):
            for frame in frames:
                device.send(frame)

    threading.Thread(target=talk, daemon=True).start()
    return True


def do_hush(_):
    quiet.set()
    return True


def do_forget(_):
    with received_lock:
        received.clear()
    return True


def do_seen(ask):
    """How many of the frames since the last `forget` are like that."""
    wanted = ask['like'].items()
    with received_lock:
        return sum(all(frame.get(key) == value for key, value in wanted) for frame in received)


def answer(ask):
    try:
        result = {'result': globals()[f'do_{ask["do"]}'](ask)}
    except Exception as error:
        result = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps({'id': ask['id'], **result}), flush=True)


device = listen_to_device()
print(json.dumps({'id': 0, 'result': True}), flush=True)
for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
