// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenPipeline

@Suite("QC picture · property")
struct QCPictureTests {
  @Test func upToThreePanelsInMillimetresWithAnOutline() {
    let g = Geometry(size: Size(columns: 20, rows: 10, slices: 5), spacing: [1, 1, 4])
    let image = Volume<Float>(g) { for i in $0.indices { $0[i] = Float(i % 7) } }
    let mask = Mask(g) { out in
      out.update(repeating: 0)
      for z in 1..<4 { for y in 3..<7 { for x in 5..<12 { out[g.size.offset(x, y, z)] = 1 } } }
    }
    var qc = QCPicture(window: 0...6)
    qc.panel = 100
    let picture = qc(image, mask: mask)
    // Axial 20 × 10 mm, coronal 20 × 20 mm, sagittal 10 × 20 mm, each 100 pixels on its longer side, 4 between.
    #expect(picture.columns == 100 + 4 + 100 + 4 + 50)
    #expect(picture.rows == 100)
    let red = stride(from: 0, to: picture.samples.count, by: 3).count {
      picture.samples[$0] == 255 && picture.samples[$0 + 1] == 64
    }
    #expect(red > 100)
  }

  @Test func aFlatImageWithNonFiniteVoxelsIsDrawn() {
    let g = Geometry(size: Size(columns: 4, rows: 4))
    let image = Volume<Float>(g) { out in for i in out.indices { out[i] = i == 3 ? .nan : i == 4 ? .infinity : 5 } }
    let picture = QCPicture()(image, mask: Mask(g) { $0.update(repeating: 0) })
    #expect(picture.columns == 320 && picture.rows == 320)
  }
}
