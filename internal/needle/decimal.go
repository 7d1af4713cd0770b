package needle

import (
	"math"
	"math/big"
	"strconv"
)

// Changed returns a value changed by a share of itself as people do it in decimals: 65.8 changed by 0.1 is 72.38, not
// 72.38000000000001. It is the number nearest to the exact product of the two decimals.
func Changed(value, share float64) float64 {
	if !finite(value) || !finite(share) {
		return value * (1 + share)
	}
	factor := decimalOf(share)
	product, _ := factor.Mul(decimalOf(value), factor.Add(factor, big.NewRat(1, 1))).Float64()
	return product + 0 // Nothing left is 0, not minus 0.
}

// decimalOf returns the shortest decimal that reads back as v, which is finite.
func decimalOf(v float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	return r
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
