// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// Single or double precision, as the Fourier transform uses it: `lanes` lines side by side, one cache line of them.
protocol FourierReal: Voxel, BinaryFloatingPoint {
  /// One register of lanes.
  associatedtype Vector: FourierVector where Vector.Real == Self
  /// Lines that are transformed side by side.
  static var lanes: Int { get }
  /// Transposes a square tile of as many rows and columns as a register has lanes.
  static func transpose(
    _ from: UnsafePointer<Self>, _ fromStride: Int, _ to: UnsafeMutablePointer<Self>, _ toStride: Int)
}

/// The arithmetic of one register. Named operations, so that generic code calls the concrete instructions.
protocol FourierVector: Sendable {
  associatedtype Real: Sendable
  static var width: Int { get }
  init(repeating value: Real)
  static func load(_ p: UnsafePointer<Real>) -> Self
  func store(_ p: UnsafeMutablePointer<Real>)
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  /// self + a · b.
  func plus(_ a: Self, _ b: Self) -> Self
  /// self − a · b.
  func minus(_ a: Self, _ b: Self) -> Self
}

extension Float: FourierReal {
  typealias Vector = SIMD8<Float>
  static var lanes: Int { @inline(__always) get { 16 } }
  @inline(__always)
  static func transpose(_ from: UnsafePointer<Float>, _ fs: Int, _ to: UnsafeMutablePointer<Float>, _ ts: Int) {
    v_transpose_f32x8(from, fs, to, ts)
  }
}

extension Double: FourierReal {
  typealias Vector = SIMD4<Double>
  static var lanes: Int { @inline(__always) get { 8 } }
  @inline(__always)
  static func transpose(_ from: UnsafePointer<Double>, _ fs: Int, _ to: UnsafeMutablePointer<Double>, _ ts: Int) {
    v_transpose_f64x4(from, fs, to, ts)
  }
}

extension SIMD8: FourierVector where Scalar == Float {
  typealias Real = Float
  static var width: Int { @inline(__always) get { 8 } }
  @inline(__always) static func load(_ p: UnsafePointer<Float>) -> Self { v_load_f32x8(p) }
  @inline(__always) func store(_ p: UnsafeMutablePointer<Float>) { v_store_f32x8(self, p) }
  @inline(__always) func plus(_ a: Self, _ b: Self) -> Self {
    #if LUMEN_FMA
      addingProduct(a, b)
    #else
      v_fused(a, b, self)
    #endif
  }
  @inline(__always) func minus(_ a: Self, _ b: Self) -> Self {
    #if LUMEN_FMA
      addingProduct(-a, b)
    #else
      v_fused(-a, b, self)
    #endif
  }
}

extension SIMD4: FourierVector where Scalar == Double {
  typealias Real = Double
  static var width: Int { @inline(__always) get { 4 } }
  @inline(__always) static func load(_ p: UnsafePointer<Double>) -> Self { v_load_f64x4(p) }
  @inline(__always) func store(_ p: UnsafeMutablePointer<Double>) { v_store_f64x4(self, p) }
  @inline(__always) func plus(_ a: Self, _ b: Self) -> Self { addingProduct(a, b) }
  @inline(__always) func minus(_ a: Self, _ b: Self) -> Self { addingProduct(-a, b) }
}

/// One register of complex numbers.
struct ComplexLanes<V: FourierVector> {
  var re: V
  var im: V

  @inline(__always) init(_ re: V, _ im: V) {
    self.re = re
    self.im = im
  }
  @inline(__always) static func + (a: Self, b: Self) -> Self { Self(a.re + b.re, a.im + b.im) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { Self(a.re - b.re, a.im - b.im) }
  @inline(__always) static func * (a: Self, k: V) -> Self { Self(a.re * k, a.im * k) }
  /// self + a · k for a real k.
  @inline(__always) func plus(_ a: Self, _ k: V) -> Self { Self(re.plus(a.re, k), im.plus(a.im, k)) }
  /// self − a · k for a real k.
  @inline(__always) func minus(_ a: Self, _ k: V) -> Self { Self(re.minus(a.re, k), im.minus(a.im, k)) }
  /// self + i · a.
  @inline(__always) func plusI(_ a: Self) -> Self { Self(re - a.im, im + a.re) }
  /// self − i · a.
  @inline(__always) func minusI(_ a: Self) -> Self { Self(re + a.im, im - a.re) }
  /// self · (c + i s).
  @inline(__always) func times(_ c: V, _ s: V) -> Self { Self((re * c).minus(im, s), (re * s).plus(im, c)) }
}
