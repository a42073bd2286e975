"""Who somebody is: accounts, sessions, keys. Pure: time, chance and storage come by ports."""
