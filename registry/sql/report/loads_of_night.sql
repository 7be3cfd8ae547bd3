SELECT load_no, load_id, province, validation, seconds
  FROM load
 WHERE business_date = :date
 ORDER BY load_no
