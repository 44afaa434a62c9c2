// SPDX-License-Identifier: Apache-2.0
import Dispatch
public import LumenCore
import LumenFilters
import LumenRadiomics
import LumenSegmentation
import Synchronization

/// How far features depend on position, noise and contour: every region of every case is measured under every
/// perturbation of a plan, and the intraclass correlation says what part of a feature's variance lies between regions.
///
/// - Accuracy: the same values for any number of jobs and threads; random numbers depend on the seed, the names of case
///   and region, and the perturbation.
/// - Cost: the features of every region times the combinations; image work once for each noise, rotation and translation,
///   around the regions only unless the recipe has filters. Memory: one case, and a copy of its image a job.
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614.
public struct RobustnessStudy: Sendable {
  /// Regions of one image.
  public enum Subject: Sendable {
    /// An image that the recipe reads and segments.
    case source(ImageSource)
    /// An image in memory with its regions.
    case loaded(id: String, image: AnyVolume, regions: [(name: String, mask: Mask)])

    /// Name of the case.
    public var id: String {
      switch self {
      case .source(let source): source.id
      case .loaded(let id, _, _): id
      }
    }
  }

  /// What to measure.
  public var recipe: Recipe
  /// Under which perturbations.
  public var plan: PerturbationPlan
  /// Seed of all random numbers.
  public var seed: UInt64 = 1
  /// Perturbed images at a time.
  public var jobs = Parallel.processors
  /// Processes that decode the files; nil: this process.
  public var workers: WorkerPool?

  /// A study.
  public init(recipe: Recipe, plan: PerturbationPlan) {
    self.recipe = recipe
    self.plan = plan
  }

  /// One region of one case under one perturbation.
  public struct Measurement: Sendable, Equatable {
    /// Name of the case.
    public let id: String
    /// Name of the region; "" when the case could not be read.
    public let roi: String
    /// What was changed.
    public let perturbation: Perturbation
    /// Standard deviation of the noise; 0 without.
    public var noiseLevel = 0.0
    /// Seeds of noise, volume and contour; nil without such a step.
    public var noiseSeed: UInt64?, volumeSeed: UInt64?, contourSeed: UInt64?
    /// Voxels of the changed region on the grid of the features.
    public var voxels = 0
    /// Why there are no values; nil when there are.
    public var error: String?
    /// Whether it stands for a whole case that could not be read.
    public var isCase = false
    /// The features in the order of the columns.
    public var values: [Double] = []
  }

  /// Measures everything; a case or region that fails stops nothing.
  ///
  /// - Parameter notify: called with the number of perturbed images done and that of all, from any thread.
  public func callAsFunction(
    _ subjects: [Subject], _ notify: @Sendable @escaping (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) -> RobustnessResult {
    let combinations = plan.combinations, groups = Self.images(combinations)
    let total = subjects.count * groups.count, done = Atomic<Int>(0)
    var measurements: [Measurement] = []
    notify(0, total)
    for subject in subjects {
      do throws(ImageError) {
        let loaded = try StudyCase(subject, self)
        let slots = Mutex([[Measurement]](repeating: [], count: groups.count))
        let parallel = max(1, min(jobs, groups.count)), next = Atomic<Int>(0), width = Parallel.width
        Parallel.width = max(1, width / parallel)
        defer { Parallel.width = width }
        DispatchQueue.concurrentPerform(iterations: parallel) { _ in
          while true {
            let n = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if n >= groups.count { return }
            let result = loaded.measure(Array(combinations[groups[n]]))
            slots.withLock { $0[n] = result }
            notify(done.wrappingAdd(1, ordering: .relaxed).newValue, total)
          }
        }
        // By region, as tables read; the work went by image.
        let all = slots.withLock { $0 }
        for roi in loaded.names.indices {
          for (n, group) in groups.enumerated() {
            measurements += all[n][roi * group.count..<(roi + 1) * group.count]
          }
        }
      } catch {
        var failure = Measurement(id: subject.id, roi: "", perturbation: Perturbation())
        failure.error = error.description
        failure.isCase = true
        measurements.append(failure)
        notify(done.wrappingAdd(groups.count, ordering: .relaxed).newValue, total)
      }
    }
    return RobustnessResult(
      columns: recipe.features.columns, combinations: combinations, measurements: measurements, plan: plan, seed: seed,
      recipe: recipe.hash)
  }

  /// Runs of combinations of one perturbed image.
  private static func images(_ combinations: [Perturbation]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    for n in combinations.indices {
      if let last = groups.last, combinations[last.lowerBound].ofImage == combinations[n].ofImage {
        groups[groups.count - 1] = last.lowerBound..<n + 1
      } else {
        groups.append(n..<n + 1)
      }
    }
    return groups
  }
}

/// One case in memory.
private struct StudyCase: Sendable {
  let study: RobustnessStudy, id: String
  let stored: AnyVolume, prepared: AnyVolume, regions: [(name: String, mask: Mask)]
  let noiseLevel: Double
  var names: [String] { regions.map(\.name) }

  init(_ subject: RobustnessStudy.Subject, _ study: RobustnessStudy) throws(ImageError) {
    self.study = study
    id = subject.id
    let recipe = study.recipe
    switch subject {
    case .loaded(_, let image, let regions):
      stored = image
      prepared = try recipe.prepared(image)
      self.regions = regions
    case .source(let source):
      stored = try source.read(recipe.reading, workers: study.workers).0
      prepared = try recipe.prepared(stored)
      var notes: [String] = []
      regions = try CaseRunner(
        recipe: recipe, recipeHash: "", columns: [], output: "", workers: study.workers
      ).regions(of: source, prepared, notes: &notes)
    }
    noiseLevel = study.plan.noise == 0 ? 0 : study.plan.noiseLevel ?? NoiseLevel()(stored)
  }

  /// Every region under perturbations of one image: region by region.
  func measure(_ combinations: [Perturbation]) -> [RobustnessStudy.Measurement] {
    let shared = combinations[0].ofImage
    let noiseSeed = shared.noise > 0 ? Perturbation.seed(study.seed, id, shared.name) : nil
    func all(_ name: String, _ error: ImageError) -> [RobustnessStudy.Measurement] {
      combinations.map { perturbation in
        var failure = start(name, perturbation, noiseSeed)
        failure.error = error.description
        return failure
      }
    }
    do throws(ImageError) {
      let noise = noiseSeed.map { NoiseAddition(level: noiseLevel, seed: $0) }
      let image = try PerturbedImage(
        stored: stored, prepared: prepared, study.recipe, shared, noise: noise, reach: reach)
      return regions.flatMap { name, mask in
        do throws(ImageError) {
          return measure(try image.measurable(mask), name, combinations, noiseSeed)
        } catch { return all(name, error) }
      }
    } catch {
      return regions.flatMap { all($0.name, error) }
    }
  }

  private func start(_ roi: String, _ p: Perturbation, _ noiseSeed: UInt64?) -> RobustnessStudy.Measurement {
    var m = RobustnessStudy.Measurement(id: id, roi: roi, perturbation: p)
    m.noiseSeed = noiseSeed
    if noiseSeed != nil { m.noiseLevel = noiseLevel }
    let part = p.ofImage.name
    if p.volume != 0 {
      m.volumeSeed = Perturbation.seed(study.seed, id, roi, part, "volume=\(shortest(p.volume))")
    }
    if p.contour > 0 { m.contourSeed = Perturbation.seed(study.seed, id, roi, p.name) }
    return m
  }

  /// One region; regions of one volume and their supervoxels are made once.
  private func measure(
    _ placed: PerturbedImage.Measurable, _ roi: String, _ combinations: [Perturbation], _ noiseSeed: UInt64?
  ) -> [RobustnessStudy.Measurement] {
    var adapted: (volume: Double, mask: Mask)?, contours: (volume: Double, drawing: ContourRandomisation)?
    let planar = (study.recipe.interpolate?.operation as? Resample)?.planar ?? false
    return combinations.map { p in
      var m = start(roi, p, noiseSeed)
      do throws(ImageError) {
        var mask = placed.mask
        if let seed = m.volumeSeed {
          if let adapted, adapted.volume == p.volume {
            mask = adapted.mask
          } else {
            mask = try VolumeAdaptation(fraction: p.volume, planar: planar, seed: seed)(mask)
            adapted = (p.volume, mask)
          }
        }
        if let seed = m.contourSeed {
          if contours?.volume != p.volume {
            contours = (
              p.volume,
              try ContourRandomisation(
                mask, of: placed.image.image, intensities: study.recipe.features.resegmentationRange)
            )
          }
          if let drawing = contours?.drawing { mask = try drawing(seed: seed) }
        }
        m.voxels = mask.count
        guard m.voxels > 0 else {
          throw ImageError(.invalidParameter, "the region \"\(roi)\" is empty after \(p.name)")
        }
        m.values = try placed.image.features(inPlaced: mask).map(\.value)
      } catch { m.error = error.description }
      return m
    }
  }

  /// How far around its box a changed region and its features can reach: contours are drawn within their boundary, local
  /// intensities are means over spheres of 6.2 mm, and a region that grows by f gets no further than f · r, r the radius
  /// of the sphere of its volume, but for single voxels.
  private var reach: Length {
    var mm = 12.0
    if study.plan.contours > 0 { mm += ContourRandomisation.boundary.millimetres }
    let growth = max(0, study.plan.volumes.max() ?? 0)
    let largest = regions.map { $0.mask.volume }.max() ?? 0
    mm += growth * (largest * 3 / (4 * .pi)).cubeRoot + (growth > 0 ? 4 : 0) * prepared.geometry.spacing.max()
    return .mm(mm)
  }
}

extension Double {
  /// By Newton's method, for a length that is only a bound.
  fileprivate var cubeRoot: Double {
    guard self > 0, isFinite else { return 0 }
    var x = Swift.max(1, self)
    for _ in 0..<200 { x = (2 * x + self / (x * x)) / 3 }
    return x
  }
}
