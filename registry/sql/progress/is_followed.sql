SELECT EXISTS (SELECT FROM progress_count WHERE business_date > :date)
