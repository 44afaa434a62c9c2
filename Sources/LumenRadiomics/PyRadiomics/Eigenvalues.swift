// SPDX-License-Identifier: Apache-2.0

/// Real parts of the eigenvalues of a general matrix, in no order; the matrix is used up.
///
/// Reduction to Hessenberg form by elimination, then QR steps with double shifts.
///
/// - Cost: about 10·n³. Where the steps do not converge (never seen), the diagonal that is left counts.
/// - Source: EISPACK `elmhes`, `hqr` (Martin, Peters, Wilkinson 1970; Francis 1961).
func realPartsOfEigenvalues(_ matrix: inout [Double], _ n: Int) -> [Double] {
  guard n > 0, matrix.allSatisfy(\.isFinite) else { return [Double](repeating: .nan, count: n) }
  return matrix.withUnsafeMutableBufferPointer { buffer in
    guard let a = buffer.baseAddress else { return [] }
    let h = Hessenberg(a: a, n: n)
    h.reduce()
    return h.eigenvalues()
  }
}

private struct Hessenberg {
  let a: UnsafeMutablePointer<Double>
  let n: Int

  @inline(__always) subscript(_ i: Int, _ j: Int) -> Double {
    get { a[i &* n &+ j] }
    nonmutating set { a[i &* n &+ j] = newValue }
  }

  /// Below the first subdiagonal everything becomes 0.
  func reduce() {
    for m in 1..<max(n - 1, 1) {
      var pivot = m
      for j in m..<n where abs(self[j, m - 1]) > abs(self[pivot, m - 1]) { pivot = j }
      let x = self[pivot, m - 1]
      if pivot != m {
        for j in m - 1..<n { (self[pivot, j], self[m, j]) = (self[m, j], self[pivot, j]) }
        for j in 0..<n { (self[j, pivot], self[j, m]) = (self[j, m], self[j, pivot]) }
      }
      if x == 0 { continue }
      for i in m + 1..<n where self[i, m - 1] != 0 {
        let y = self[i, m - 1] / x
        for j in m..<n { self[i, j] -= y * self[m, j] }
        for j in 0..<n { self[j, m] += y * self[j, i] }
      }
    }
    for i in 2..<max(n, 2) { for j in 0..<i - 1 { self[i, j] = 0 } }
  }

  func eigenvalues() -> [Double] {
    var found = [Double](repeating: 0, count: n)
    var norm = 0.0
    for i in 0..<n { for j in max(i - 1, 0)..<n { norm += abs(self[i, j]) } }
    var last = n - 1, shift = 0.0, steps = 0
    while last >= 0 {
      var l = last
      while l >= 1 {
        var s = abs(self[l - 1, l - 1]) + abs(self[l, l])
        if s == 0 { s = norm }
        if abs(self[l, l - 1]) + s == s {
          self[l, l - 1] = 0
          break
        }
        l -= 1
      }
      var x = self[last, last]
      if l == last {
        found[last] = x + shift
        last -= 1
        steps = 0
        continue
      }
      var y = self[last - 1, last - 1], w = self[last, last - 1] * self[last - 1, last]
      if l == last - 1 {
        let p = 0.5 * (y - x), q = p * p + w, z = abs(q).squareRoot()
        x += shift
        if q >= 0 {
          let root = p + (p < 0 ? -z : z)
          found[last - 1] = x + root
          found[last] = root == 0 ? x : x - w / root
        } else {
          (found[last - 1], found[last]) = (x + p, x + p)
        }
        last -= 2
        steps = 0
        continue
      }
      if steps == 60 {
        for i in 0...last { found[i] = self[i, i] + shift }
        return found
      }
      if steps == 10 || steps == 20 {
        shift += x
        for i in 0...last { self[i, i] -= x }
        let s = abs(self[last, last - 1]) + abs(self[last - 1, last - 2])
        x = 0.75 * s
        y = x
        w = -0.4375 * s * s
      }
      steps += 1
      step(l, last, x, y, w)
    }
    return found
  }

  /// One double step on rows and columns l … last.
  private func step(_ l: Int, _ last: Int, _ x0: Double, _ y0: Double, _ w: Double) {
    var (p, q, r) = (0.0, 0.0, 0.0), m = last - 2
    while true {
      let z = self[m, m], a = x0 - z, b = y0 - z
      p = (a * b - w) / self[m + 1, m] + self[m, m + 1]
      q = self[m + 1, m + 1] - z - a - b
      r = self[m + 2, m + 1]
      let s = abs(p) + abs(q) + abs(r)
      (p, q, r) = (p / s, q / s, r / s)
      if m == l { break }
      let u = abs(self[m, m - 1]) * (abs(q) + abs(r))
      let v = abs(p) * (abs(self[m - 1, m - 1]) + abs(z) + abs(self[m + 1, m + 1]))
      if u + v == v { break }
      m -= 1
    }
    for i in m + 2..<last + 1 {
      self[i, i - 2] = 0
      if i != m + 2 { self[i, i - 3] = 0 }
    }
    var x = 0.0
    for k in m..<last {
      if k != m {
        p = self[k, k - 1]
        q = self[k + 1, k - 1]
        r = k != last - 1 ? self[k + 2, k - 1] : 0
        x = abs(p) + abs(q) + abs(r)
        if x != 0 { (p, q, r) = (p / x, q / x, r / x) }
      }
      let length = (p * p + q * q + r * r).squareRoot(), s = p < 0 ? -length : length
      if s == 0 { continue }
      if k == m {
        if l != m { self[k, k - 1] = -self[k, k - 1] }
      } else {
        self[k, k - 1] = -s * x
      }
      p += s
      x = p / s
      let y = q / s, z = r / s
      q /= p
      r /= p
      for j in k..<last + 1 {
        var t = self[k, j] + q * self[k + 1, j]
        if k != last - 1 {
          t += r * self[k + 2, j]
          self[k + 2, j] -= t * z
        }
        self[k + 1, j] -= t * y
        self[k, j] -= t * x
      }
      for i in l..<min(last, k + 3) + 1 {
        var t = x * self[i, k] + y * self[i, k + 1]
        if k != last - 1 {
          t += z * self[i, k + 2]
          self[i, k + 2] -= t * r
        }
        self[i, k + 1] -= t * q
        self[i, k] -= t
      }
    }
  }
}
