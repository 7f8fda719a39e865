"""What stands behind the gateway: connections that are supervised, limited, listed, watched and exchanged."""
