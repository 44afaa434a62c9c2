// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Frames of a file as stored, for any pixel format that is read: also colour of 32 bits, which pictures cannot hold.
public struct StoredFrames: Sendable, Equatable {
  /// What the samples are.
  public enum Model: String, Sendable { case grey, palette, rgb, ybrFull }

  /// Pixels a row.
  public let columns: Int
  /// Rows a frame.
  public let rows: Int
  /// Number of frames here.
  public let frames: Int
  /// Samples a pixel.
  public let samples: Int
  /// The type of a sample.
  public let kind: VoxelKind
  /// What the samples are; JPEG and JPEG 2000 come as RGB where the codestream says how.
  public let model: Model
  /// Frame, row, column, sample; this machine's byte order; bits above Bits Stored cleared or sign-extended.
  public let bytes: [UInt8]
}

extension DICOMFile {
  /// One frame (from 0) as stored; no other frame is decoded.
  ///
  /// - Throws: as ``storedPixels(_:limits:)``; `invalidParameter` for a frame that the file does not have.
  public static func storedFrame(
    _ path: String, _ frame: Int, limits: Limits = .standard
  ) throws(ImageError) -> StoredFrames {
    try storedFrames(path, limits: limits) { count throws(ImageError) in
      guard 0..<count ~= frame else {
        throw ImageError(.invalidParameter, "frame \(frame + 1) is wanted, there are \(count)")
      }
      return frame..<frame + 1
    }
  }

  /// All frames as stored.
  ///
  /// - Throws: as ``storedPixels(_:limits:)``.
  public static func storedFrames(_ path: String, limits: Limits = .standard) throws(ImageError) -> StoredFrames {
    try storedFrames(path, limits: limits) { 0..<$0 }
  }

  private static func storedFrames(
    _ path: String, limits: Limits, _ choose: (Int) throws(ImageError) -> Range<Int>
  ) throws(ImageError) -> StoredFrames {
    let handle = try open(path, limits)
    do throws(ImageError) {
      let header = try InstanceHeader(handle, path: path, limits: limits)
      let reader = try FrameReader(handle, header, limits: limits)
      let range = try choose(header.frames)
      var model = FrameReader.ColourModel.asStored
      var failure: ImageError?
      let size = reader.frameBytes
      let bytes = [UInt8](unsafeUninitializedCapacity: size * range.count) { buffer, count in
        nonisolated(unsafe) let room = UnsafeMutableRawBufferPointer(buffer)
        let failures = FirstFailure()
        let models = FirstModel()
        parallelFor(range.count, grain: max(1, (1 << 16) / max(1, size))) { part in
          for i in part {
            do throws(ImageError) {
              let out = UnsafeMutableRawBufferPointer(rebasing: room[i * size..<(i + 1) * size])
              models.add(i, try reader.read(range.lowerBound + i, into: out))
            } catch { failures.add(i, error) }
          }
        }
        do throws(ImageError) {
          try failures.check()
          count = size * range.count
          model = models.value
        } catch { failure = error }
      }
      if let failure { throw failure }
      return StoredFrames(
        columns: header.columns, rows: header.rows, frames: range.count, samples: header.samplesPerPixel,
        kind: header.storedKind, model: Self.model(model, header), bytes: bytes)
    } catch { throw error.at(path) }
  }

  private static func model(_ model: FrameReader.ColourModel, _ header: InstanceHeader) -> StoredFrames.Model {
    switch model {
    case .rgb: .rgb
    case .ybrFull: .ybrFull
    case .asStored: header.photometricInterpretation == "PALETTE COLOR" ? .palette : .grey
    }
  }
}
