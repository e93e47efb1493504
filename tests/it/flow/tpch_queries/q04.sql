SELECT orderpriority, count(*) AS order_count
FROM tpch_demo.tpch.tiny.orders o
WHERE orderdate >= DATE '1993-07-01'
  AND orderdate < DATE '1993-07-01' + INTERVAL '3' MONTH
  AND EXISTS (
      SELECT * FROM tpch_demo.tpch.tiny.lineitem l
      WHERE l.orderkey = o.orderkey AND l.commitdate < l.receiptdate)
GROUP BY orderpriority
ORDER BY orderpriority
