// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How good an intraclass correlation is called.
///
/// - Source: Koo & Li, J Chiropr Med 2016;15:155-163: below 0.5 poor, from 0.5 moderate, from 0.75 good, from 0.9
///   excellent; to be judged by the confidence interval, here by its lower end.
public enum AgreementClass: String, Sendable, CaseIterable {
  /// Below 0.5.
  case poor
  /// From 0.5 to below 0.75.
  case moderate
  /// From 0.75 to below 0.9.
  case good
  /// From 0.9.
  case excellent

  /// The class of a value; nil for NaN.
  public init?(_ value: Double) {
    if value.isNaN { return nil }
    self = value < 0.5 ? .poor : value < 0.75 ? .moderate : value < 0.9 ? .good : .excellent
  }
}

/// The intraclass correlation of single measurements: how much of the variance of a table, cases × repetitions, lies
/// between the cases.
///
///     ICC(1,1) = (MSR − MSW) / (MSR + (k − 1) MSW)
///     ICC(2,1) = (MSR − MSE) / (MSR + (k − 1) MSE + k (MSC − MSE) / n)
///     ICC(3,1) = (MSR − MSE) / (MSR + (k − 1) MSE)
///
/// of n cases and k repetitions, with the mean squares of rows (MSR), within rows (MSW), of columns (MSC) and of the
/// residual (MSE). Repetitions are of no order in (1,1); (2,1) counts a shift of all cases as disagreement, (3,1) does
/// not.
///
/// - Range: (1,1) and (3,1) −1/(k − 1) … 1, (2,1) at most 1. NaN with a ``reason`` for fewer than two cases or repetitions, a value that is not finite,
///   or a table whose values are all the same.
/// - Accuracy: 1e-9.
/// - Cost: O(n · k).
/// - Source: Shrout & Fleiss, Psychol Bull 1979;86:420-428; McGraw & Wong, Psychol Methods 1996;1:30-46 for the
///   intervals, cases 1, 2A and 3A of table 7; oracle pingouin 0.7.
public struct IntraclassCorrelation: Sendable, Equatable {
  /// Which variance counts as error.
  public enum Model: String, Sendable, CaseIterable {
    /// ICC(1,1): one-way random.
    case oneWay = "1,1"
    /// ICC(2,1): two-way random, absolute agreement.
    case agreement = "2,1"
    /// ICC(3,1): two-way mixed, consistency.
    case consistency = "3,1"
  }

  /// A value with its 95 % confidence interval.
  public struct Estimate: Sendable, Equatable {
    /// The correlation.
    public let value: Double
    /// Lower end of the 95 % interval.
    public let lower: Double
    /// Upper end of the 95 % interval.
    public let upper: Double

    /// The class of the lower end; nil for NaN.
    public var agreement: AgreementClass? { AgreementClass(lower) }

    static let undefined = Estimate(value: .nan, lower: .nan, upper: .nan)
  }

  /// Number of cases.
  public let cases: Int
  /// Number of repetitions of each.
  public let repetitions: Int
  /// Why there is no value; nil when there is one.
  public let reason: String?
  private let estimates: [Model: Estimate]

  /// One of the three.
  public subscript(model: Model) -> Estimate { estimates[model] ?? .undefined }

  /// The correlations of a table, case by case.
  ///
  /// - Parameter repetitions: values of each case; `values` has a whole number of cases.
  public init(_ values: [Double], repetitions k: Int) {
    let n = k > 0 ? values.count / k : 0
    cases = n
    repetitions = max(k, 0)
    func nothing(_ reason: String) -> (String, [Model: Estimate]) { (reason, [:]) }
    let bad = values.count { !$0.isFinite }
    guard k > 0, values.count == n * k, n >= 2, k >= 2 else {
      (reason, estimates) = nothing("\(n) cases × \(repetitions) repetitions, at least 2 × 2 are needed")
      return
    }
    guard bad == 0 else {
      (reason, estimates) = nothing("\(bad) of \(values.count) values are not finite")
      return
    }
    let table = VarianceTable(values, n, k)
    guard !table.isConstant else {
      (reason, estimates) = nothing("all values are the same")
      return
    }
    guard table.isFinite else {
      (reason, estimates) = nothing("the values are too large to be compared")
      return
    }
    reason = nil
    estimates = [.oneWay: table.oneWay, .agreement: table.agreement, .consistency: table.consistency]
  }
}

/// The mean squares of a table of n rows and k columns.
private struct VarianceTable {
  let n: Double, k: Double
  /// Of rows, within rows, of columns, of the residual.
  let rows: Double, within: Double, columns: Double, residual: Double
  let isConstant: Bool

  var isFinite: Bool { (rows + within + columns + residual).isFinite }

  init(_ values: [Double], _ n: Int, _ k: Int) {
    (self.n, self.k) = (Double(n), Double(k))
    let count = Double(values.count)
    // Values apart by no more than rounding are the same.
    let largest = values.reduce(0) { max($0, abs($1)) }
    isConstant = (values.max() ?? 0) - (values.min() ?? 0) <= 16 * .ulpOfOne * largest
    // About the first value, so that a large common part does not eat the digits.
    let x = values.map { $0 - values[0] }
    let mean = x.reduce(0, +) / count
    var betweenRows = 0.0, withinRows = 0.0, betweenColumns = 0.0, rest = 0.0
    var rowMeans = [Double](repeating: 0, count: n), columnMeans = [Double](repeating: 0, count: k)
    for r in 0..<n {
      for c in 0..<k {
        rowMeans[r] += x[r * k + c]
        columnMeans[c] += x[r * k + c]
      }
    }
    for r in 0..<n { rowMeans[r] /= Double(k) }
    for c in 0..<k { columnMeans[c] /= Double(n) }
    for r in 0..<n {
      betweenRows += (rowMeans[r] - mean) * (rowMeans[r] - mean)
      for c in 0..<k {
        let inside = x[r * k + c] - rowMeans[r], residual = inside - columnMeans[c] + mean
        withinRows += inside * inside
        rest += residual * residual
      }
    }
    for c in 0..<k { betweenColumns += (columnMeans[c] - mean) * (columnMeans[c] - mean) }
    rows = betweenRows * Double(k) / Double(n - 1)
    within = withinRows / Double(n * (k - 1))
    columns = betweenColumns * Double(n) / Double(k - 1)
    residual = rest / Double((n - 1) * (k - 1))
  }

  private static let tail = 0.975

  var oneWay: IntraclassCorrelation.Estimate { consistency(error: within, freedom: n * (k - 1)) }
  var consistency: IntraclassCorrelation.Estimate { consistency(error: residual, freedom: (n - 1) * (k - 1)) }

  /// Cases 1 and 3A: the interval follows from that of F = MSR / error.
  private func consistency(error: Double, freedom: Double) -> IntraclassCorrelation.Estimate {
    /// (F − 1) / (F + k − 1) of F = above / below.
    func ratio(_ above: Double, _ below: Double) -> Double {
      let whole = above + (k - 1) * below
      return whole > 0 ? (above - below) / whole : .nan
    }
    let low = FDistribution(n - 1, freedom).quantile(Self.tail)
    let high = FDistribution(freedom, n - 1).quantile(Self.tail)
    return .init(
      value: ratio(rows, error), lower: ratio(rows, error * low), upper: ratio(rows * high, error))
  }

  /// Case 2A: the degrees of freedom of the mixed error are Satterthwaite's.
  var agreement: IntraclassCorrelation.Estimate {
    let whole = rows + (k - 1) * residual + k * (columns - residual) / n
    guard whole > 0 else { return .undefined }
    let icc = (rows - residual) / whole
    if residual == 0 && columns == 0 { return .init(value: icc, lower: icc, upper: icc) }
    // a MSC + b MSE, both divided by MSE in the paper; multiplied out, a residual of 0 is no exception.
    let a = k * icc * columns, b = (n * (1 + (k - 1) * icc) - k * icc) * residual
    let freedom = (a + b) * (a + b) / (a * a / (k - 1) + b * b / ((n - 1) * (k - 1)))
    let low = FDistribution(n - 1, freedom).quantile(Self.tail)
    let high = FDistribution(freedom, n - 1).quantile(Self.tail)
    let error = k * columns + (k * n - k - n) * residual
    return .init(
      value: icc, lower: n * (rows - low * residual) / (low * error + n * rows),
      upper: n * (high * rows - residual) / (error + n * high * rows))
  }
}
