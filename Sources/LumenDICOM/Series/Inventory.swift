// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import Synchronization

/// What a set of files holds: series that can be read, and files that cannot with the reason.
public struct Inventory: Sendable {
  /// Series in the order of their first file.
  public var series: [Series] = []
  /// Files that are part of no series and why, in the order given.
  public var rejected: [(path: String, error: ImageError)] = []

  /// Reads the headers of files and groups them; parallel over files, the same result for any number of threads.
  ///
  /// A DICOM series is split where its slices cannot form one volume: by rows and columns, orientation (within 1e-3),
  /// frame of reference and samples per pixel. A multi-frame file is a series of its own. Files that hold no image, have
  /// a transfer syntax that is not read, or repeat a SOP Instance UID of their series are rejected.
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

  private init(_ headers: [(String, Result<InstanceHeader, ImageError>)]) {
    struct Key: Hashable {
      let series: String, frameOfReference: String
      let columns: Int, rows: Int, samples: Int
      let isColour: Bool
    }
    var groups: [[InstanceHeader]] = [], byKey: [Key: [Int]] = [:], seen: Set<[String]> = []
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
        if header.frames > 1 {
          groups.append([header])
          continue
        }
        let key = Key(
          series: header.seriesInstanceUID, frameOfReference: header.frameOfReferenceUID, columns: header.columns,
          rows: header.rows, samples: header.samplesPerPixel, isColour: header.isColour)
        let found = byKey[key, default: []].first { g in
          switch (groups[g][0].imageOrientation, header.imageOrientation) {
          case (nil, nil): true
          case (let a?, let b?): a.isClose(to: b)
          default: false
          }
        }
        if let found {
          groups[found].append(header)
        } else {
          byKey[key, default: []].append(groups.count)
          groups.append([header])
        }
      }
    }
    series = groups.map { Series($0) }
  }

  /// The header of a file that can be part of a series.
  private static func acceptableHeader(_ path: String, _ limits: Limits) throws(ImageError) -> InstanceHeader {
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
