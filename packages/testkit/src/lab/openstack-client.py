"""Debian's openstack client, kept warm.

A command of the client takes a second, nearly all of it for loading itself. `openstack-client.py serve SOCKET` loads it
once and then forks for each command that comes over the socket: the child has the caller's arguments, environment,
working directory and terminal, and is from there on what /usr/bin/openstack would be. `openstack-client.py call SOCKET
ARGUMENT...` is such a caller.
"""

import array
import json
import os
import signal
import socket
import sys

STANDARD_STREAMS = [0, 1, 2]


def call(path, arguments):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(path)
        request = {'arguments': arguments, 'environment': dict(os.environ), 'folder': os.getcwd()}
        streams = array.array('i', STANDARD_STREAMS)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)
        connection.sendmsg([json.dumps(request).encode()], [rights])
        answer = connection.recv(16)
    # No answer: the child died before it could say how it ended.
    return int(answer or b'1')


def serve(path):
    # What every networking command needs; the client itself imports it only when it is asked for.
    import keystoneauth1.identity.v3  # noqa: F401
    import openstack.connection  # noqa: F401
    import openstack.network.v2._proxy  # noqa: F401
    from openstackclient import shell
    import openstackclient.network.client  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen()
        print('open', flush=True)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                answer(connection, shell)
            connection.close()


def answer(connection, shell):
    code = 1
    try:
        room = socket.CMSG_LEN(len(STANDARD_STREAMS) * array.array('i').itemsize)
        text, ancillary, _, _ = connection.recvmsg(1 << 18, room)
        streams = array.array('i')
        streams.frombytes(ancillary[0][2])
        for ours, theirs in zip(STANDARD_STREAMS, streams):
            os.dup2(theirs, ours)
        request = json.loads(text)
        os.environ.clear()
        os.environ.update(request['environment'])
        os.chdir(request['folder'])
        code = shell.main(request['arguments']) or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(str(code).encode())
        os._exit(code)


if __name__ == '__main__':
    verb, path, *arguments = sys.argv[1:]
    if verb == 'serve':
        serve(path)
    else:
        sys.exit(call(path, arguments))
