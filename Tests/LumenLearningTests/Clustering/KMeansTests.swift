// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenLearning

@Suite("k-means · oracle scikit-learn 1.9.1", .serialized)
struct KMeansTests {
  @Test func fromTheSameCentres() throws {
    let z = try sampleMatrix().standardised
    let (labels, inertia) = KMeans().from(Array(z.values[..<12]), z)
    #expect(near(inertia, 145.42395761229236, 1e-12))
    #expect((0..<3).map { k in labels.count { $0 == k } } == [23, 22, 15])
  }

  /// The best inertia of 600 greedy starts of the oracle.
  @Test func restartsReachTheBestKnownInertia() throws {
    var settings = KMeans()
    settings.restarts = 3000
    #expect(try settings(try sampleMatrix()).inertia <= 143.79525825571756 * (1 + 1e-9))
  }

  @Test func principalPlane() throws {
    let clustering = try KMeans()(try sampleMatrix())
    #expect(near(clustering.explainedVariance.0, 0.35148789874611747, 1e-9))
    #expect(near(clustering.explainedVariance.1, 0.2461147329491135, 1e-9))
    #expect(near(abs(clustering.projection[0].0), 0.5491720802179546, 1e-6))
    #expect(near(abs(clustering.projection[0].1), 0.16829927980553813, 1e-6))
  }

  @Test func theBitsDoNotDependOnThreads() throws {
    let width = Parallel.width
    defer { Parallel.width = width }
    var results: [(Double, [Int])] = []
    for threads in [1, 2, 5] {
      Parallel.width = threads
      let c = try KMeans()(try sampleMatrix())
      results.append((c.inertia, c.labels))
    }
    #expect(results.allSatisfy { $0.0 == results[0].0 && $0.1 == results[0].1 })
    #expect(results[0].1[0] == 0, "clusters are numbered by their first rows")
  }

  @Test func asManyClustersAsRowsAndTwins() throws {
    var settings = KMeans()
    settings.k = 4
    let twins = try FeatureMatrix(names: ["a"], ids: ["1", "2", "3", "4"], values: [1, 1, 1, 2])
    #expect(try settings(twins).inertia == 0)
    settings.k = 5
    #expect(throws: ImageError.self) { try settings(twins) }
  }

  /// More columns than rows and eigenvalues within 2 % of each other, where power iteration stalls.
  @Test func principalPlaneOfNoise() throws {
    var random = SplitMix64(seed: 9)
    let x = try FeatureMatrix(
      names: (0..<1000).map { "\($0)" }, ids: (0..<50).map { "\($0)" },
      values: (0..<50_000).map { _ in random.uniform() })
    let (points, shares) = LumenLearning.principalPlane(x.standardised)
    #expect(near(shares.0, 0.02902992327004201, 1e-12) && near(shares.1, 0.02853818964342203, 1e-12))
    #expect(near(points[0].0, -6.630753123794196, 1e-9) && near(points[0].1, -4.954601325181816, 1e-9))
    #expect(near(points[49].0, -2.28448273931169, 1e-9) && near(points[49].1, -1.1924367126255724, 1e-9))
  }
}
