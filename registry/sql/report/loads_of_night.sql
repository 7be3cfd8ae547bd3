SELECT load_no, load_id, province, validation, seconds, linkage
  FROM load
 WHERE business_date = :date
 ORDER BY load_no
