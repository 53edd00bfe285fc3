"""Everything that is not one of the named characters: toys, animals, plants, buildings, vehicles, plain people."""
