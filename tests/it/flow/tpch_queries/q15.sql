WITH revenue AS (
    SELECT suppkey AS supplier_no, round(sum(extendedprice * (1 - discount)), 2) AS total_revenue
    FROM tpch_demo.tpch.tiny.lineitem
    WHERE shipdate >= DATE '1996-01-01'
      AND shipdate < DATE '1996-01-01' + INTERVAL '3' MONTH
    GROUP BY suppkey)
SELECT s.suppkey, s.name, s.address, s.phone, r.total_revenue
FROM tpch_demo.tpch.tiny.supplier s, revenue r
WHERE s.suppkey = r.supplier_no
  AND r.total_revenue = (SELECT max(total_revenue) FROM revenue)
ORDER BY s.suppkey
