"""What calls, transcoding and imports cost, beside the bare libraries and the peers: ``python -m benchmarks``."""
