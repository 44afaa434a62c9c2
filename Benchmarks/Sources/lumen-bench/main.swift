import Lumen
import Glibc
func now() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) * 1e3 + Double(t.tv_nsec) * 1e-6 }
func run() throws {
  let g = Geometry(size: Size(columns: 512, rows: 512, slices: 100))
  let v = Volume<Float>(g) { o in var s: UInt32 = 1; for i in 0..<o.count { s = s &* 1664525 &+ 1013904223; o[i] = Float(s >> 20) } }
  let u = v.map { Int16($0) - 1024 }
  var r = Volume<Float>(g, repeating: 0), q = Volume<Int16>(g, repeating: 0)
  for w in [1, 2] {
    Parallel.width = w
    var best = 1e9, b2 = 1e9, b3 = 1e9, b4 = 1e9
    for _ in 0..<10 {
      var t = now(); try Gaussian(sigma: .mm(2))(v, into: &r); best = min(best, now() - t)
      t = now(); try Median()(u, into: &q); b2 = min(b2, now() - t)
      t = now(); try Median()(v, into: &r); b3 = min(b3, now() - t)
      t = now(); try Median(planar: true)(u, into: &q); b4 = min(b4, now() - t)
     }
    print(w, "gauss", best, "med i16", b2, "med f32", b3, "planar", b4)
  }
  var t = now(); _ = try Median(radius: 2)(u); print("r2 i16", now() - t)
  t = now(); _ = try Median(radius: 2)(v); print("r2 f32", now() - t)
}
try run()
