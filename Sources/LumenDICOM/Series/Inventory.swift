// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import Synchronization

/// What a set of files holds: volumes that can be read, and files that cannot with the reason.
public struct Inventory: Sendable {
  /// The volumes, in the order of the first file of their DICOM series; those of one series stand together.
  public var series: [Series] = []
  /// Objects without an image to measure: segmentations, structure sets, reports …; each is among the rejected files too.
  public var objects: [InstanceHeader] = []
  /// Files that are part of no series and why, in the order given.
  public var rejected: [(path: String, error: ImageError)] = []

  /// Reads the headers of files and groups them; parallel over files, the same result for any number of threads.
  ///
  /// Files belong together by Series Instance UID; those without one by study, folder, modality and size. What does not
  /// form one volume is divided: ``Series/volumes(of:)``. Files that hold no image, have a transfer syntax that is not
  /// read, or repeat a SOP Instance UID of their series are rejected.
  ///
  /// - Parameter progress: called with the number of files read so far, from any thread.
  public static func scan(
    _ files: [String], limits: Limits = .standard, progress: (@Sendable (Int) -> Void)? = nil
  ) -> Inventory {
    let done = Atomic<Int>(0)
    typealias Header = (path: String, header: Result<InstanceHeader, ImageError>)
    return Inventory(
      [Header](unsafeUninitializedCapacity: files.count) { buffer, count in
        nonisolated(unsafe) let slots = buffer
        parallelForUneven(files.count) { range in
          for i in range {
            let header = Result { () throws(ImageError) in try DICOMFile.header(files[i], limits: limits) }
            slots.initializeElement(at: i, to: (files[i], header))
            progress?(done.wrappingAdd(1, ordering: .relaxed).newValue)
          }
        }
        count = files.count
      })
  }

  /// Groups headers that were read elsewhere, as ``scan(_:limits:progress:)`` does.
  public init(_ headers: [(path: String, header: Result<InstanceHeader, ImageError>)]) {
    // Places in `headers`, for headers are large.
    var groups: [[String]: [Int]] = [:], keys: [[String]] = [], seen: Set<Identity> = []
    for (i, (path, result)) in headers.enumerated() {
      switch result {
      case .failure(let error):
        rejected.append((path, error))
      case .success(let header):
        // An instance that is there twice; others under one UID are kept, and their UIDs are at fault.
        let identity = Identity(
          series: header.seriesInstanceUID, instance: header.sopInstanceUID, position: header.imagePosition,
          number: header.imagePosition == nil ? header.instanceNumber : nil)
        if !header.sopInstanceUID.isEmpty && !seen.insert(identity).inserted {
          rejected.append(
            (
              path,
              ImageError(
                .unsupported, "repeats the SOP Instance UID of another file of its series", place: path,
                hint: "only the first file is used")
            ))
          continue
        }
        if let objection = Self.objection(header) {
          if !objection.isDamage, !header.hasPixelData || RegionFile.canRead(header) { objects.append(header) }
          rejected.append((path, objection.at(path)))
          continue
        }
        var key = [header.seriesInstanceUID]
        if header.seriesInstanceUID.isEmpty {
          let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
          key += [header.studyInstanceUID, folder, header.modality, "\(header.columns)×\(header.rows)"]
        }
        if groups[key] == nil { keys.append(key) }
        groups[key, default: []].append(i)
      }
    }
    series = keys.flatMap { key in
      Series.volumes(of: (groups[key] ?? []).compactMap { try? headers[$0].header.get() })
    }
  }

  private struct Identity: Hashable {
    var series: String, instance: String, position: SIMD3<Double>?, number: Int?
  }

  /// Why an instance is no image that can be measured; nil when it is one.
  static func objection(_ header: InstanceHeader) -> ImageError? {
    if RegionFile.canRead(header) {
      return ImageError(
        .unsupported, "holds regions, no image: \(SOPClass.name(header.sopClassUID) ?? "Segmentation")",
        hint: "lumen info lists them, lumen mask draws them on their image")
    }
    guard header.hasPixelData else {
      let name = SOPClass.name(header.sopClassUID)
      return ImageError(.unsupported, "holds no image\(name.map { ": \($0)" } ?? "")")
    }
    guard header.columns > 0, header.rows > 0, header.bitsAllocated > 0 else {
      return ImageError(
        .malformed,
        "is an image of \(header.columns) × \(header.rows) pixels with \(header.bitsAllocated) bits allocated")
    }
    if case .native(let bytes) = header.pixelLocation?.content {
      let bits = header.columns.multipliedSaturating(header.rows).multipliedSaturating(header.samplesPerPixel)
        .multipliedSaturating(header.bitsAllocated)
      // YBR_FULL_422 keeps two samples a pixel.
      let stored = header.photometricInterpretation == "YBR_FULL_422" ? bits / 3 * 2 : bits
      let all = stored.multipliedSaturating(header.frames)
      guard bytes >= all / 8 + (all % 8 > 0 ? 1 : 0) else {
        return ImageError(
          .malformed, "Pixel Data has \(bytes) bytes for \(header.frames) frames of \(stored / 8)",
          hint: "the transfer was probably cut; fetch the instance again")
      }
    }
    guard header.transferSyntax.isReadable else {
      return ImageError(.unsupported, "pixels are stored as \(header.transferSyntax.name), which is not read")
    }
    return nil
  }
}

/// Names of SOP Classes without an image, for messages and listings.
public enum SOPClass {
  /// Segmentation Storage.
  public static let segmentation = "1.2.840.10008.5.1.4.1.1.66.4"
  /// Label Map Segmentation Storage.
  public static let labelMapSegmentation = "1.2.840.10008.5.1.4.1.1.66.7"
  /// RT Structure Set Storage.
  public static let structureSet = "1.2.840.10008.5.1.4.1.1.481.3"

  /// What objects of a class are called; nil for images and classes that are not known.
  public static func name(_ uid: String) -> String? {
    switch uid {
    case "1.2.840.10008.1.3.10": return "DICOM directory (DICOMDIR)"
    case segmentation: return "Segmentation"
    case labelMapSegmentation: return "Label Map Segmentation"
    case structureSet: return "RT Structure Set"
    case "1.2.840.10008.5.1.4.1.1.481.5": return "RT Plan"
    case "1.2.840.10008.5.1.4.1.1.481.8": return "RT Ion Plan"
    case "1.2.840.10008.5.1.4.1.1.88.59": return "Key Object Selection"
    case "1.2.840.10008.5.1.4.1.1.66.5": return "Surface Segmentation"
    case "1.2.840.10008.5.1.4.1.1.66.1": return "Spatial Registration"
    case _ where uid.hasPrefix("1.2.840.10008.5.1.4.1.1.88."): return "Structured Report"
    case _ where uid.hasPrefix("1.2.840.10008.5.1.4.1.1.11."): return "Presentation State"
    case _ where uid.hasPrefix("1.2.840.10008.5.1.4.1.1.9."): return "Waveform"
    case _ where uid.hasPrefix("1.2.840.10008.5.1.4.1.1.104."): return "Encapsulated Document"
    default: return nil
    }
  }
}
