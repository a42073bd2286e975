"""What desktops and wallboards show: snapshots, and events that change them. Pure."""
