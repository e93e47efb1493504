SELECT nation, o_year, sum(amount) AS sum_profit
FROM (
    SELECT n.name AS nation, extract(YEAR FROM o.orderdate) AS o_year,
           l.extendedprice * (1 - l.discount) - ps.supplycost * l.quantity AS amount
    FROM tpch_demo.tpch.tiny.part p, tpch_demo.tpch.tiny.supplier s, tpch_demo.tpch.tiny.lineitem l, tpch_demo.tpch.tiny.partsupp ps, tpch_demo.tpch.tiny.orders o, tpch_demo.tpch.tiny.nation n
    WHERE s.suppkey = l.suppkey
      AND ps.suppkey = l.suppkey
      AND ps.partkey = l.partkey
      AND p.partkey = l.partkey
      AND o.orderkey = l.orderkey
      AND s.nationkey = n.nationkey
      AND p.name LIKE '%green%') AS profit
GROUP BY nation, o_year
ORDER BY nation, o_year DESC
