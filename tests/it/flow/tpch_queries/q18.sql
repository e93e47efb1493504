SELECT c.name, c.custkey, o.orderkey, o.orderdate, o.totalprice, sum(l.quantity) AS quantity
FROM tpch_demo.tpch.tiny.customer c, tpch_demo.tpch.tiny.orders o, tpch_demo.tpch.tiny.lineitem l
WHERE o.orderkey IN (
      SELECT orderkey FROM tpch_demo.tpch.tiny.lineitem GROUP BY orderkey HAVING sum(quantity) > 300)
  AND c.custkey = o.custkey
  AND o.orderkey = l.orderkey
GROUP BY c.name, c.custkey, o.orderkey, o.orderdate, o.totalprice
ORDER BY o.totalprice DESC, o.orderdate
LIMIT 100
