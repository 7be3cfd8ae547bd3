"""Who is who: forms compared with forms by a fixed model, and persons as what holds together under constraints."""
