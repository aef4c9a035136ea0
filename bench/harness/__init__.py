"""What bench/compare, bench/growth, bench/workers and bench/charts are made of.

machine   the JDK, the cores, CPU clocks of other processes, what else the machine is doing
build     every program that is measured, built when its sources have changed
peers     who takes part in which area, and the command that starts it
servers   the areas with a server under load: tcp, tls, udp, unix, accept, idle
processes the areas with a process a sample: primitives, startup
samples   the file that samples are kept in, medians, ratios
report    tables
targets   what is to be reached

Python 3.9 and its standard library, nothing else.
"""
