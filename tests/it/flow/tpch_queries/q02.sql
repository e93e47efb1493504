SELECT s.acctbal, s.name, n.name, p.partkey, p.mfgr, s.address, s.phone, s.comment
FROM tpch_demo.tpch.tiny.part p, tpch_demo.tpch.tiny.supplier s, tpch_demo.tpch.tiny.partsupp ps, tpch_demo.tpch.tiny.nation n, tpch_demo.tpch.tiny.region r
WHERE p.partkey = ps.partkey
  AND s.suppkey = ps.suppkey
  AND p.size = 15
  AND p.type LIKE '%BRASS'
  AND s.nationkey = n.nationkey
  AND n.regionkey = r.regionkey
  AND r.name = 'EUROPE'
  AND ps.supplycost = (
      SELECT min(ps2.supplycost)
      FROM tpch_demo.tpch.tiny.partsupp ps2, tpch_demo.tpch.tiny.supplier s2, tpch_demo.tpch.tiny.nation n2, tpch_demo.tpch.tiny.region r2
      WHERE p.partkey = ps2.partkey
        AND s2.suppkey = ps2.suppkey
        AND s2.nationkey = n2.nationkey
        AND n2.regionkey = r2.regionkey
        AND r2.name = 'EUROPE')
ORDER BY s.acctbal DESC, n.name, s.name, p.partkey
LIMIT 100
