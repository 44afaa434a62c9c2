// SPDX-License-Identifier: Apache-2.0

// One pass of Stockham's form for each radix r. Element q + s·(p + m·k) goes to q + s·(r·p + k), k = 0 ..< r, after the
// small transform over k and the factor exp(−2πi pk / (r·m)). `x` and `y` are batches; `re` and `im` say where in an
// element the parts lie. The factors of p = 0 are 1 and left out.

@inline(__always)
func load<R: FourierReal>(_ p: UnsafePointer<R>, _ re: Int, _ im: Int) -> ComplexLanes<R.Vector> {
  ComplexLanes(R.Vector.load(p + re), R.Vector.load(p + im))
}

@inline(__always)
func store<R: FourierReal>(_ v: ComplexLanes<R.Vector>, _ p: UnsafeMutablePointer<R>, _ re: Int, _ im: Int) {
  v.re.store(p + re)
  v.im.store(p + im)
}

/// Calls `body(from, to)` for each register of the sub-transforms of one p.
@inline(__always)
private func eachLane<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ s: Int,
  _ body: (UnsafePointer<R>, UnsafeMutablePointer<R>) -> Void
) {
  let step = 2 &* R.lanes
  var q = 0
  while q < s {
    var h = 0
    while h < R.lanes {
      body(x + (q &* step &+ h), y + (q &* step &+ h))
      h &+= R.Vector.width
    }
    q &+= 1
  }
}

/// v · w[k], with w the factors of one p.
@inline(__always)
private func turned<R: FourierReal>(_ v: ComplexLanes<R.Vector>, _ w: UnsafePointer<R>, _ k: Int)
  -> ComplexLanes<R.Vector>
{
  v.times(R.Vector(repeating: w[2 &* k &- 2]), R.Vector(repeating: w[2 &* k &- 1]))
}

func radix2<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ m: Int, _ s: Int, _ w: UnsafePointer<R>, _ re: Int, _ im: Int
) {
  let row = 2 &* R.lanes &* s
  var p = 0
  while p < m {
    let first = p == 0
    let w = w + 2 &* p
    eachLane(x + p &* row, y + 2 &* p &* row, s) { x, y in
      let a = load(x, re, im), b = load(x + m &* row, re, im)
      store(a + b, y, re, im)
      store(first ? a - b : turned(a - b, w, 1), y + row, re, im)
    }
    p &+= 1
  }
}

func radix3<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ m: Int, _ s: Int, _ w: UnsafePointer<R>, _ re: Int, _ im: Int
) {
  let row = 2 &* R.lanes &* s
  let half = R.Vector(repeating: 0.5), sine = R.Vector(repeating: R(0.866025403784438646763723170752936183))
  var p = 0
  while p < m {
    let first = p == 0
    let w = w + 4 &* p
    eachLane(x + p &* row, y + 3 &* p &* row, s) { x, y in
      let a = load(x, re, im), b = load(x + m &* row, re, im), c = load(x + 2 &* m &* row, re, im)
      let sum = b + c, turn = (b - c) * sine, middle = a.minus(sum, half)
      let y1 = middle.minusI(turn), y2 = middle.plusI(turn)
      store(a + sum, y, re, im)
      store(first ? y1 : turned(y1, w, 1), y + row, re, im)
      store(first ? y2 : turned(y2, w, 2), y + 2 &* row, re, im)
    }
    p &+= 1
  }
}

func radix4<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ m: Int, _ s: Int, _ w: UnsafePointer<R>, _ re: Int, _ im: Int
) {
  let row = 2 &* R.lanes &* s, far = m &* row
  var p = 0
  while p < m {
    let first = p == 0
    let w = w + 6 &* p
    eachLane(x + p &* row, y + 4 &* p &* row, s) { x, y in
      let a = load(x, re, im), b = load(x + far, re, im)
      let c = load(x + 2 &* far, re, im), d = load(x + 3 &* far, re, im)
      let ac = a + c, bd = b + d, other = a - c, turn = b - d
      let y1 = other.minusI(turn), y2 = ac - bd, y3 = other.plusI(turn)
      store(ac + bd, y, re, im)
      store(first ? y1 : turned(y1, w, 1), y + row, re, im)
      store(first ? y2 : turned(y2, w, 2), y + 2 &* row, re, im)
      store(first ? y3 : turned(y3, w, 3), y + 3 &* row, re, im)
    }
    p &+= 1
  }
}

func radix5<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ m: Int, _ s: Int, _ w: UnsafePointer<R>, _ re: Int, _ im: Int
) {
  let row = 2 &* R.lanes &* s, far = m &* row
  let c1 = R.Vector(repeating: R(0.309016994374947424102293417182819059))
  let c2 = R.Vector(repeating: R(-0.809016994374947424102293417182819059))
  let s1 = R.Vector(repeating: R(0.951056516295153572116439333379382143))
  let s2 = R.Vector(repeating: R(0.587785252292473129168705954639072769))
  var p = 0
  while p < m {
    let first = p == 0
    let w = w + 8 &* p
    eachLane(x + p &* row, y + 5 &* p &* row, s) { x, y in
      let a = load(x, re, im), b = load(x + far, re, im), c = load(x + 2 &* far, re, im)
      let d = load(x + 3 &* far, re, im), e = load(x + 4 &* far, re, im)
      let t1 = b + e, t2 = c + d, d1 = b - e, d2 = c - d
      let m1 = a.plus(t1, c1).plus(t2, c2), m2 = a.plus(t1, c2).plus(t2, c1)
      let n1 = (d1 * s1).plus(d2, s2), n2 = (d1 * s2).minus(d2, s1)
      let y1 = m1.minusI(n1), y2 = m2.minusI(n2), y3 = m2.plusI(n2), y4 = m1.plusI(n1)
      store(a + t1 + t2, y, re, im)
      store(first ? y1 : turned(y1, w, 1), y + row, re, im)
      store(first ? y2 : turned(y2, w, 2), y + 2 &* row, re, im)
      store(first ? y3 : turned(y3, w, 3), y + 3 &* row, re, im)
      store(first ? y4 : turned(y4, w, 4), y + 4 &* row, re, im)
    }
    p &+= 1
  }
}

func radix7<R: FourierReal>(
  _ x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, _ m: Int, _ s: Int, _ w: UnsafePointer<R>, _ re: Int, _ im: Int
) {
  let row = 2 &* R.lanes &* s, far = m &* row
  let c1 = R.Vector(repeating: R(0.623489801858733530525004884004239811))
  let c2 = R.Vector(repeating: R(-0.222520933956314404288902564496794759))
  let c3 = R.Vector(repeating: R(-0.900968867902419126236102319507445051))
  let s1 = R.Vector(repeating: R(0.781831482468029808708444526674057750))
  let s2 = R.Vector(repeating: R(0.974927912181823607018131682993931217))
  let s3 = R.Vector(repeating: R(0.433883739117558120475768332848358754))
  var p = 0
  while p < m {
    let first = p == 0
    let w = w + 12 &* p
    eachLane(x + p &* row, y + 7 &* p &* row, s) { x, y in
      let a = load(x, re, im)
      let b = load(x + far, re, im), g = load(x + 6 &* far, re, im), t1 = b + g, d1 = b - g
      let c = load(x + 2 &* far, re, im), f = load(x + 5 &* far, re, im), t2 = c + f, d2 = c - f
      let d = load(x + 3 &* far, re, im), e = load(x + 4 &* far, re, im), t3 = d + e, d3 = d - e
      let m1 = a.plus(t1, c1).plus(t2, c2).plus(t3, c3), n1 = (d1 * s1).plus(d2, s2).plus(d3, s3)
      let m2 = a.plus(t1, c2).plus(t2, c3).plus(t3, c1), n2 = (d1 * s2).minus(d2, s3).minus(d3, s1)
      let m3 = a.plus(t1, c3).plus(t2, c1).plus(t3, c2), n3 = (d1 * s3).minus(d2, s1).plus(d3, s2)
      let y1 = m1.minusI(n1), y2 = m2.minusI(n2), y3 = m3.minusI(n3)
      let y4 = m3.plusI(n3), y5 = m2.plusI(n2), y6 = m1.plusI(n1)
      store(a + t1 + t2 + t3, y, re, im)
      store(first ? y1 : turned(y1, w, 1), y + row, re, im)
      store(first ? y2 : turned(y2, w, 2), y + 2 &* row, re, im)
      store(first ? y3 : turned(y3, w, 3), y + 3 &* row, re, im)
      store(first ? y4 : turned(y4, w, 4), y + 4 &* row, re, im)
      store(first ? y5 : turned(y5, w, 5), y + 5 &* row, re, im)
      store(first ? y6 : turned(y6, w, 6), y + 6 &* row, re, im)
    }
    p &+= 1
  }
}
