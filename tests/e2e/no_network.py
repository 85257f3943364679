"""Run a command without a network, and record the addresses that it and its children call.

A script for Linux: ``no_network.py FILE COMMAND…`` writes the addresses to the file, one per line.
In its own network namespace every packet goes over the loopback interface, where it is seen.
"""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

REFUSED = 97  # the exit code where the kernel allows no such namespace
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS, _SIOCADDRT = 0x8914, 0x890B
_IFF_UP, _RTF_UP = 1, 1
_ETH_P_ALL, _ETH_P_IP = 3, 0x0800


def _enter() -> None:
    if sys.platform != "linux":
        sys.exit(REFUSED)
    uid, gid = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        sys.exit(REFUSED)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    anywhere = struct.pack("HH4s8x", socket.AF_INET, 0, bytes(4))
    name = ctypes.create_string_buffer(b"lo")
    route = struct.pack(
        "L16s16s16sHhLPhPLLH",
        *(0, anywhere, anywhere, anywhere, _RTF_UP, 0, 0, 0, 0, ctypes.addressof(name), 0, 0, 0),
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
        fcntl.ioctl(any_socket, _SIOCADDRT, route)


def _note(packets: socket.socket, called: set[str]) -> None:
    while True:
        try:
            packet, (_, protocol, *_rest) = packets.recvfrom(64)
        except BlockingIOError:
            return
        if protocol == _ETH_P_IP:
            address = ipaddress.ip_address(packet[14 + 16 : 14 + 20])
            if not address.is_loopback:
                called.add(str(address))


def main() -> None:
    """Run the command, and end with its exit code."""
    report, *command = sys.argv[1:]
    _enter()
    called: set[str] = set()
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    threading.Thread(target=_note, args=(packets, called), daemon=True).start()
    finished = subprocess.run(command, check=False)
    packets.setblocking(False)
    _note(packets, called)
    Path(report).write_text("".join(f"{address}\n" for address in sorted(called)))
    sys.exit(finished.returncode)


if __name__ == "__main__":
    main()
