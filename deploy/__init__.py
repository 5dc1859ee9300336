"""How Careline is installed, started and kept running. Nothing else here imports this folder."""
