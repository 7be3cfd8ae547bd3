"""Register files of every agreed format, read strictly: every physical row ends as readable or as unreadable."""
