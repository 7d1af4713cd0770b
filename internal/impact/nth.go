package impact

// nth returns the k-th smallest of some numbers, from 0, and puts them into another order. It takes linear time on
// average (C. A. R. Hoare, Algorithm 65: Find, Communications of the ACM 4, 1961), which matters for the thousands of
// slopes of a trend.
func nth(values []float64, k int) float64 {
	low, high := 0, len(values)-1
	for low < high {
		pivot := middleOfThree(values[low], values[low+(high-low)/2], values[high])
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for pivot < values[j] {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[k]
}

func middleOfThree(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

// medianOf returns the middle of some numbers, of which there is at least one, and puts them into another order; of an
// even count it is the mean of the two in the middle.
func medianOf(values []float64) float64 {
	half := len(values) / 2
	upper := nth(values, half)
	if len(values)%2 == 1 {
		return upper
	}
	return nth(values, half-1)/2 + upper/2 // Halved first, so that two large numbers stay finite.
}
