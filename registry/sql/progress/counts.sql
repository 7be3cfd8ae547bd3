-- The last counted night on or before a day.
SELECT business_date, place, place_from, forms, persons, temporary_residents, dossiers, produced, returned, delivered,
       temporary_dossiers, temporary_produced, temporary_returned, temporary_delivered
  FROM progress_count
 WHERE business_date = (SELECT max(business_date) FROM progress_count WHERE business_date <= %(date)s)
