SELECT s.name, s.address
FROM tpch_demo.tpch.tiny.supplier s, tpch_demo.tpch.tiny.nation n
WHERE s.suppkey IN (
      SELECT ps.suppkey
      FROM tpch_demo.tpch.tiny.partsupp ps
      WHERE ps.partkey IN (SELECT partkey FROM tpch_demo.tpch.tiny.part WHERE name LIKE 'forest%')
        AND ps.availqty > (
            SELECT 0.5 * sum(l.quantity)
            FROM tpch_demo.tpch.tiny.lineitem l
            WHERE l.partkey = ps.partkey
              AND l.suppkey = ps.suppkey
              AND l.shipdate >= DATE '1994-01-01'
              AND l.shipdate < DATE '1994-01-01' + INTERVAL '1' YEAR))
  AND s.nationkey = n.nationkey
  AND n.name = 'CANADA'
ORDER BY s.name
