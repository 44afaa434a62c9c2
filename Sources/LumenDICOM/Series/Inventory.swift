// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import Synchronization

/// What a set of files holds: volumes that can be read, and files that cannot with the reason.
public struct Inventory: Sendable {
  /// The volumes, in the order of the first file of their DICOM series; those of one series stand together.
  public var series: [Series] = []
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
    let headers = [Result<InstanceHeader, ImageError>](unsafeUninitializedCapacity: files.count) { buffer, count in
      nonisolated(unsafe) let slots = buffer
      parallelFor(files.count, grain: 4) { range in
        for i in range {
          let header = Result { () throws(ImageError) in try acceptableHeader(files[i], limits) }
          slots.initializeElement(at: i, to: header)
          progress?(done.wrappingAdd(1, ordering: .relaxed).newValue)
        }
      }
      count = files.count
    }
    return Inventory(zip(files, headers).map { ($0, $1) })
  }

  /// Groups headers that were read elsewhere by ``acceptableHeader(_:_:)``, as ``scan(_:limits:progress:)`` does.
  public init(_ headers: [(path: String, header: Result<InstanceHeader, ImageError>)]) {
    var groups: [[InstanceHeader]] = [], index: [[String]: Int] = [:], seen: Set<[String]> = []
    for (path, result) in headers {
      switch result {
      case .failure(let error):
        rejected.append((path, error))
      case .success(let header):
        let identity = [header.seriesInstanceUID, header.sopInstanceUID]
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
        var key = [header.seriesInstanceUID]
        if header.seriesInstanceUID.isEmpty {
          let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
          key += [header.studyInstanceUID, folder, header.modality, "\(header.columns)×\(header.rows)"]
        }
        if let found = index[key] {
          groups[found].append(header)
        } else {
          index[key] = groups.count
          groups.append([header])
        }
      }
    }
    series = groups.flatMap { Series.volumes(of: $0) }
  }

  /// The header of a file that can be part of a series.
  ///
  /// - Throws: as ``DICOMFile/header(_:limits:)``; `unsupported` for a file without image or with pixels that are not read.
  public static func acceptableHeader(_ path: String, _ limits: Limits) throws(ImageError) -> InstanceHeader {
    let header = try DICOMFile.header(path, limits: limits)
    guard header.hasPixelData else {
      let name = SOPClass.name(header.sopClassUID)
      throw ImageError(.unsupported, "holds no image\(name.map { ": it is a \($0)" } ?? "")", place: path)
    }
    guard header.columns > 0, header.rows > 0, header.bitsAllocated > 0 else {
      throw ImageError(
        .malformed,
        "is an image of \(header.columns) × \(header.rows) pixels with \(header.bitsAllocated) bits allocated",
        place: path)
    }
    guard header.transferSyntax.isReadable else {
      throw ImageError(
        .unsupported, "pixels are stored as \(header.transferSyntax.name), which is not read", place: path)
    }
    return header
  }
}

/// Names of SOP Classes without pixels, for messages.
enum SOPClass {
  static func name(_ uid: String) -> String? {
    switch uid {
    case "1.2.840.10008.1.3.10": return "DICOM directory (DICOMDIR)"
    case "1.2.840.10008.5.1.4.1.1.481.3": return "RT Structure Set"
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
