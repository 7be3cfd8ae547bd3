SELECT DISTINCT place, place_from FROM eligible
