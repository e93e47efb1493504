SELECT sum(l.extendedprice) / 7.0 AS avg_yearly
FROM tpch_demo.tpch.tiny.lineitem l, tpch_demo.tpch.tiny.part p
WHERE p.partkey = l.partkey
  AND p.brand = 'Brand#23'
  AND p.container = 'MED BOX'
  AND l.quantity < (
      SELECT 0.2 * avg(quantity) FROM tpch_demo.tpch.tiny.lineitem WHERE partkey = p.partkey)
