SELECT cntrycode, count(*) AS numcust, sum(acctbal) AS totacctbal
FROM (
    SELECT substr(phone, 1, 2) AS cntrycode, acctbal
    FROM tpch_demo.tpch.tiny.customer c
    WHERE substr(phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17')
      AND acctbal > (
          SELECT avg(acctbal) FROM tpch_demo.tpch.tiny.customer
          WHERE acctbal > 0.00 AND substr(phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17'))
      AND NOT EXISTS (
          SELECT * FROM tpch_demo.tpch.tiny.orders o WHERE o.custkey = c.custkey)) AS custsale
GROUP BY cntrycode
ORDER BY cntrycode
