import Lumen
import Glibc
func now() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) * 1e3 + Double(t.tv_nsec) * 1e-6 }
func run() throws {
  for (name, sp) in [("xyz", SIMD3(1.0,1,1)), ("x", SIMD3(1,1e6,1e6)), ("y", SIMD3(1e6,1,1e6)), ("z", SIMD3(1e6,1e6,1)), ("none", SIMD3(1e6,1e6,1e6))] {
  let g = Geometry(size: Size(columns: 512, rows: 512, slices: 100), spacing: sp)
  let v = Volume<Float>(g) { o in var s: UInt32 = 1; for i in 0..<o.count { s = s &* 1664525 &+ 1013904223; o[i] = Float(s >> 20) } }
  var r = Volume<Float>(g, repeating: 0)
  for w in [1, 2] {
    Parallel.width = w
    var best = 1e9
    for _ in 0..<10 {
      let t = now(); try Gaussian(sigma: .mm(2))(v, into: &r); best = min(best, now() - t) }
    print(name, w, "gauss", best)
  }
  }
}
try run()
