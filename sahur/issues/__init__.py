"""What SAHUR remembers. Only `services` writes these tables; `selectors` reads what spans more than one."""
