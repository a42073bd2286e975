"""Asks a server the same again and again, in a process of its own, whose CPU time is not counted.

``python bench/asker.py PORT``. Each line that it reads is a count and a request in hexadecimal;
when all answers are there, it prints a line.
"""

import socket
import sys


def ask(connection: socket.socket, request: bytes) -> None:
    """One request on an open connection, and its answer."""
    connection.sendall(request)
    said = b""
    while b"\r\n\r\n" not in said:
        said += connection.recv(65536)
    head, _, body = said.partition(b"\r\n\r\n")
    assert b" 200 " in head[:20], head
    missing = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) - len(body)
    while missing > 0:
        missing -= len(connection.recv(missing))


def main() -> None:
    """Until there is nothing more to read."""
    for line in sys.stdin:
        count, request = line.split()
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
            for _ in range(int(count)):
                ask(connection, bytes.fromhex(request))
        print("done", flush=True)


if __name__ == "__main__":
    main()
