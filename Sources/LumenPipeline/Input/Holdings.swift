// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM

/// What a set of files holds, for people who have to put it in order: patients, studies, volumes with what is irregular
/// about them, objects and the series they refer to, damaged files.
///
/// - Cost: one header a file; 10,000 files in seconds.
public struct Holdings: Sendable {
  /// A volume or an image file.
  public struct Image: Sendable {
    /// The case as ``Discovery`` names it.
    public let source: ImageSource
    /// Columns, rows, slices; nil for formats whose header was not read.
    public let size: [Int]?
    /// Distance of columns, rows and slices, mm; nil where it is not known.
    public let spacing: [Double]?
    /// How the pixels are encoded.
    public let transferSyntaxes: [String]
    /// What is irregular about the slices.
    public let findings: [GeometryFinding]
    /// Why the slices form no volume at all.
    public let error: ImageError?
  }

  /// A DICOM object without an image: regions, a report, a plan.
  public struct Object: Sendable {
    /// Its file.
    public let path: String
    /// "RT Structure Set", "Segmentation" …; the SOP Class UID when it is not known.
    public let kind: String
    /// Regions that it holds; nil for other objects.
    public let regions: Int?
    /// Names of the cases that it refers to.
    public let cases: [String]
    /// Series that it refers to and that are not here.
    public let missingSeries: Int
    /// What is irregular about it.
    public let notes: [String]
  }

  /// Patients by Patient ID, of DICOM files that have one.
  public let patients: Int
  /// Studies by Study Instance UID.
  public let studies: Int
  /// DICOM series by Series Instance UID.
  public let series: Int
  /// Images, in the order of their paths.
  public let images: [Image]
  /// Objects without an image, in the order of their paths.
  public let objects: [Object]
  /// Every other file with its reason.
  public let others: [(path: String, error: ImageError)]

  /// Files that should have been readable and are not.
  public var damaged: [(path: String, error: ImageError)] { others.filter { $0.error.isDamage } }

  /// Looks at every file below the inputs.
  ///
  /// - Parameter workers: processes that parse the files; nil: this one does.
  /// - Throws: `notFound` for an input that does not exist.
  public init(_ inputs: [String], workers: WorkerPool? = nil) throws(ImageError) {
    let discovery = try Discovery(inputs, workers: workers)
    let instances = discovery.images.flatMap { image in
      if case .series(let series) = image.content { series.instances } else { [InstanceHeader]() }
    }
    func count(_ key: (InstanceHeader) -> String) -> Int {
      Set((instances + discovery.objects).map(key).filter { !$0.isEmpty }).count
    }
    patients = count(\.patientID)
    studies = count(\.studyInstanceUID)
    series = count(\.seriesInstanceUID)
    images = discovery.images.map { Image($0) }
    var cases: [String: [String]] = [:]
    for image in discovery.images {
      if let uid = image.header?.seriesInstanceUID, !uid.isEmpty { cases[uid, default: []].append(image.id) }
    }
    let reader = RegionReader(workers: workers)
    var objects: [Object] = [], unreadable: [String: ImageError] = [:]
    for header in discovery.objects.sorted(by: { $0.path < $1.path }) {
      var listing: RegionSource.Listing?
      if RegionFile.canRead(header) {
        do throws(ImageError) { listing = try reader.list(header.path) } catch { unreadable[header.path] = error }
      }
      let references = listing?.series ?? []
      objects.append(
        Object(
          path: header.path, kind: SOPClass.name(header.sopClassUID) ?? header.sopClassUID,
          regions: listing?.regions.count, cases: references.flatMap { cases[$0] ?? [] },
          missingSeries: references.count { cases[$0] == nil }, notes: listing?.notes ?? []))
    }
    self.objects = objects
    let known = Set(objects.map(\.path))
    others = discovery.others.compactMap { file in
      if let error = unreadable[file.path] { return (file.path, error) }
      return known.contains(file.path) ? nil : file
    }
  }
}

extension Holdings.Image {
  init(_ source: ImageSource) {
    self.source = source
    guard case .series(let series) = source.content else {
      (size, spacing, transferSyntaxes, findings, error) = (nil, nil, [], [], nil)
      return
    }
    transferSyntaxes = Set(series.instances.map(\.transferSyntax.name)).sorted()
    do throws(ImageError) {
      let (geometry, findings) = try series.geometry()
      let (n, mm) = (geometry.size, geometry.spacing)
      size = [n.columns, n.rows, n.slices]
      spacing = findings.contains { $0.kind == .pixelSpacingMissing } ? nil : [mm.x, mm.y, mm.z]
      self.findings = findings
      error = nil
    } catch {
      let n = series.size
      (size, spacing, findings, self.error) = ([n.columns, n.rows, n.slices], nil, [], error)
    }
  }
}
