"""What the gateway costs, beside other gateways: `python -m tests.benchmarks.gateway [--rounds N]`. Nothing asserts on time."""
