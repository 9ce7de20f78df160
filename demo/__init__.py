"""The room `demo`: a small shop whose visitors come as time goes by."""
