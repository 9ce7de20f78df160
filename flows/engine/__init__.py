"""What carries contacts: the pulse and all that it stands on."""
