SELECT ps.partkey, sum(ps.supplycost * ps.availqty) AS value
FROM tpch_demo.tpch.tiny.partsupp ps, tpch_demo.tpch.tiny.supplier s, tpch_demo.tpch.tiny.nation n
WHERE ps.suppkey = s.suppkey
  AND s.nationkey = n.nationkey
  AND n.name = 'GERMANY'
GROUP BY ps.partkey
HAVING sum(ps.supplycost * ps.availqty) > (
    SELECT sum(ps.supplycost * ps.availqty) * 0.01
    FROM tpch_demo.tpch.tiny.partsupp ps, tpch_demo.tpch.tiny.supplier s, tpch_demo.tpch.tiny.nation n
    WHERE ps.suppkey = s.suppkey
      AND s.nationkey = n.nationkey
      AND n.name = 'GERMANY')
ORDER BY value DESC, ps.partkey
