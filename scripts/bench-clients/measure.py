"""What the kernel says about processes and the machine, and how tables are printed."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


@dataclass
class Cost:
    """What one run took: seconds on the clock, CPU seconds, and the most memory in bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def cpu_seconds(pid):
    """CPU time of a process so far, user and system."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def memory_bytes(pid, field):
    """A line of the process's status: `VmRSS` now, `VmHWM` the peak."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise KeyError(field)


def forget_peak(pid):
    """Lets the kernel count the peak (`VmHWM`) anew."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as clear_refs:
        clear_refs.write("5")


def server_cost(pid, action):
    """Runs `action` and returns its value and what it cost the process meanwhile."""
    forget_peak(pid)
    cpu, started = cpu_seconds(pid), time.monotonic()
    value = action()
    cost = Cost(time.monotonic() - started, cpu_seconds(pid) - cpu, memory_bytes(pid, "VmHWM"))
    return value, cost


def child_cost(command):
    """Runs a program to its end and returns what it printed and what it cost, as the kernel accounts it."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {child.returncode}")
    return printed, Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def machine():
    """One line about where the numbers were taken, with the load, because others may share the machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {cpu_model()}, {memory / 1024**3:.0f} GiB, {platform.system()} {platform.release()}; "
        f"load {load:.1f} at the start"
    )


def cpu_model():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def print_table(header, rows):
    """A Markdown table, the first column to the left and the others to the right."""
    print("| " + " | ".join(header) + " |")
    print("|---|" + "---:|" * (len(header) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
