"""One RPC over one wire: waiting, slices of long polls, job streams, giving back."""
